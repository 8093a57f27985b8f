-- Written by the store of commit bcece97: with revision 0011, upgraded from 0010.
BEGIN TRANSACTION;
CREATE TABLE tuner_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT tuner_alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "tuner_alembic_version" VALUES('0011');
CREATE TABLE tuner_epochs (
	study_id INTEGER NOT NULL, 
	trial_number INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss DOUBLE NOT NULL, 
	train_accuracy DOUBLE NOT NULL, 
	val_loss DOUBLE NOT NULL, 
	val_accuracy DOUBLE NOT NULL, 
	objective DOUBLE NOT NULL, 
	duration_s DOUBLE NOT NULL, 
	inference_ms DOUBLE NOT NULL, 
	health_metrics JSON, 
	vital_signs JSON, 
	findings JSON, 
	time DATETIME NOT NULL, val_balanced_accuracy DOUBLE, val_macro_f1 DOUBLE, summary JSON, 
	PRIMARY KEY (study_id, trial_number, epoch), 
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO "tuner_epochs" VALUES(1,1,1,0.5,0.7,0.6,0.8,0.8,1.5,0.25,NULL,NULL,'[]','2026-01-02 03:04:06.678901',NULL,NULL,NULL);
INSERT INTO "tuner_epochs" VALUES(1,1,2,0.5,0.7,0.6,0.8,0.8,1.5,0.25,'{"overall_health": 0.9, "neuron_utilization": 0.9, "training_stability": 0.9, "parameter_efficiency": 0.9, "gradient_health": 0.9, "convergence_quality": 0.9, "accuracy_consistency": 0.9, "insufficient": []}','{"gradient_norm": 0.25, "train_validation_gap": 0.02, "layers": [{"layer_id": "block1_conv", "units": 16, "dead": 0.0, "saturated": null, "gradient": 0.01, "update": 0.003}, {"layer_id": "dense1", "units": 64, "dead": 0.0, "saturated": null, "gradient": 0.02, "update": 0.002}, {"layer_id": "classes", "units": null, "dead": null, "saturated": null, "gradient": 0.03, "update": 0.001}]}','[{"name": "dying_units", "epoch": 2, "evidence": "41 % of block1_conv''s units are dead", "layer_id": "block1_conv", "hopeless": false}]','2026-01-02 03:04:07.678901',NULL,NULL,NULL);
INSERT INTO "tuner_epochs" VALUES(2,1,1,0.5,0.7,0.6,0.8,0.6,1.5,0.25,NULL,NULL,'[]','2026-01-02 03:04:06.678901',NULL,NULL,NULL);
INSERT INTO "tuner_epochs" VALUES(2,1,2,0.5,0.7,0.6,0.8,0.8,1.5,0.25,NULL,NULL,'[]','2026-01-02 03:04:07.678901',NULL,NULL,'{"learning_rate": 0.01, "recalls": [0.9, 0.5], "confusion": [[9, 1], [5, 5]], "layers": [{"layer_id": "block1_conv", "units": 16, "dead": 0.0, "gradient": 0.01, "weights": [-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0]}, {"layer_id": "classes", "weights": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "biases": [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "drift": 0.25}]}');
CREATE TABLE tuner_events (
	study_id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	event JSON NOT NULL, 
	"key" VARCHAR(32), 
	PRIMARY KEY (study_id, sequence), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO "tuner_events" VALUES(1,1,'{"time": "2026-01-02T03:04:05.678901Z", "type": "study_status", "status": "running", "reason": null}',NULL);
INSERT INTO "tuner_events" VALUES(1,10,'{"time": "2026-01-02T03:05:26.678901Z", "trial_number": 3, "type": "trial_complete", "trial_id": "old-00003", "status": "failed", "cause": "error", "reason": "ValueError: 1 % of \ud83d\udc0d''s ''it''''s''; no", "hyperparameters": {"learning_rate": 0.01}, "performance": null, "objective": null, "values": {}, "health_metrics": null, "vital_signs": null, "findings": [], "resources": null, "best_epoch": null, "epochs_trained": 0, "duration_seconds": 0.0, "error": "Traceback:\n  \"x\"\nValueError"}',NULL);
INSERT INTO "tuner_events" VALUES(1,11,'{"time": "2026-01-02T03:05:27.678901Z", "trial_number": 4, "type": "trial_complete", "trial_id": "old-00004", "status": "rejected", "cause": "too_large", "reason": "60,000,000 parameters, more than max_parameters=50,000,000", "hyperparameters": {"learning_rate": 0.01}, "performance": null, "objective": null, "values": {}, "health_metrics": null, "vital_signs": null, "findings": [], "resources": null, "best_epoch": null, "epochs_trained": 0, "duration_seconds": 0.0, "error": null}',NULL);
INSERT INTO "tuner_events" VALUES(1,12,'{"time": "2026-01-02T03:05:35.678901Z", "trial_number": 1, "type": "best_model", "val_accuracy": 0.9, "test_accuracy": 0.88, "test_loss": 0.4, "folder": "/results/old/best_model"}',NULL);
INSERT INTO "tuner_events" VALUES(1,13,'{"time": "2026-01-02T03:05:45.678901Z", "type": "study_status", "status": "completed", "reason": "all trials done"}',NULL);
INSERT INTO "tuner_events" VALUES(1,2,'{"time": "2026-01-02T03:04:05.678901Z", "trial_number": 1, "type": "trial_start", "trial_id": "old-00001", "hyperparameters": {"learning_rate": 0.01}, "architecture": {"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}, "resumed_from_epoch": 0, "cloned_from": null, "devices": null}',NULL);
INSERT INTO "tuner_events" VALUES(1,3,'{"time": "2026-01-02T03:04:06.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 1, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.8, "duration_s": 1.5, "inference_ms": 0.25, "health_metrics": null, "vital_signs": null, "findings": [], "resources": null, "last": false}',NULL);
INSERT INTO "tuner_events" VALUES(1,4,'{"time": "2026-01-02T03:04:07.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 2, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.8, "duration_s": 1.5, "inference_ms": 0.25, "health_metrics": {"overall_health": 0.9, "neuron_utilization": 0.9, "training_stability": 0.9, "parameter_efficiency": 0.9, "gradient_health": 0.9, "convergence_quality": 0.9, "accuracy_consistency": 0.9, "insufficient": []}, "vital_signs": {"gradient_norm": 0.25, "train_validation_gap": 0.02, "layers": [{"layer_id": "block1_conv", "units": 16, "dead": 0.0, "saturated": null, "gradient": 0.01, "update": 0.003}, {"layer_id": "dense1", "units": 64, "dead": 0.0, "saturated": null, "gradient": 0.02, "update": 0.002}, {"layer_id": "classes", "units": null, "dead": null, "saturated": null, "gradient": 0.03, "update": 0.001}]}, "findings": [{"name": "dying_units", "epoch": 2, "evidence": "41 % of block1_conv''s units are dead", "layer_id": "block1_conv", "hopeless": false}], "resources": null, "last": false}',NULL);
INSERT INTO "tuner_events" VALUES(1,5,'{"time": "2026-01-02T03:04:07.678901Z", "trial_number": 1, "type": "health_alert", "finding": {"name": "dying_units", "epoch": 2, "evidence": "41 % of block1_conv''s units are dead", "layer_id": "block1_conv", "hopeless": false}}',NULL);
INSERT INTO "tuner_events" VALUES(1,6,'{"time": "2026-01-02T03:05:05.678901Z", "trial_number": 1, "type": "trial_complete", "trial_id": "old-00001", "status": "completed", "cause": "all_epochs", "reason": "trained all epochs", "hyperparameters": {"learning_rate": 0.01}, "performance": {"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}, "objective": 0.9, "values": {"val_accuracy": 0.9, "val_loss": 0.3, "parameter_count": 650.0, "training_time": 3.0, "inference_time": 0.25}, "health_metrics": {"overall_health": 0.9, "neuron_utilization": 0.9, "training_stability": 0.9, "parameter_efficiency": 0.9, "gradient_health": 0.9, "convergence_quality": 0.9, "accuracy_consistency": 0.9, "insufficient": []}, "vital_signs": {"gradient_norm": 0.25, "train_validation_gap": 0.02, "layers": [{"layer_id": "block1_conv", "units": 16, "dead": 0.0, "saturated": null, "gradient": 0.01, "update": 0.003}, {"layer_id": "dense1", "units": 64, "dead": 0.0, "saturated": null, "gradient": 0.02, "update": 0.002}, {"layer_id": "classes", "units": null, "dead": null, "saturated": null, "gradient": 0.03, "update": 0.001}]}, "findings": [{"name": "dying_units", "epoch": 2, "evidence": "41 % of block1_conv''s units are dead", "layer_id": "block1_conv", "hopeless": false}], "resources": null, "best_epoch": 2, "epochs_trained": 2, "duration_seconds": 3.5, "error": null}',NULL);
INSERT INTO "tuner_events" VALUES(1,7,'{"time": "2026-01-02T03:05:06.678901Z", "trial_number": 1, "type": "new_best", "objective": 0.9, "performance": {"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}}',NULL);
INSERT INTO "tuner_events" VALUES(1,8,'{"time": "2026-01-02T03:05:15.678901Z", "trial_number": 2, "type": "trial_start", "trial_id": "old-00002", "hyperparameters": {"learning_rate": 0.01}, "architecture": {"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}, "resumed_from_epoch": 0, "cloned_from": null, "devices": null}',NULL);
INSERT INTO "tuner_events" VALUES(1,9,'{"time": "2026-01-02T03:05:25.678901Z", "trial_number": 2, "type": "trial_complete", "trial_id": "old-00002", "status": "diverged", "cause": "diverged", "reason": "the loss is not finite", "hyperparameters": {"learning_rate": 0.01}, "performance": null, "objective": null, "values": {}, "health_metrics": null, "vital_signs": null, "findings": [], "resources": null, "best_epoch": null, "epochs_trained": 0, "duration_seconds": 0.0, "error": null}',NULL);
INSERT INTO "tuner_events" VALUES(2,1,'{"time": "2026-01-02T03:04:05.678901Z", "type": "study_status", "status": "running", "reason": null}',NULL);
INSERT INTO "tuner_events" VALUES(2,2,'{"time": "2026-01-02T03:04:05.678901Z", "trial_number": 1, "type": "trial_start", "trial_id": "killed-00001", "hyperparameters": {"learning_rate": 0.01}, "architecture": {"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}, "resumed_from_epoch": 0, "cloned_from": null, "devices": {"node": "old-host", "gpus": 0.0, "names": [], "threads": 2, "replicas": 1, "batch_size": 64, "learning_rate": 0.01, "precision": "float32", "xla": false, "steps_per_execution": 1, "why": ["no GPU"], "retried": false}}',NULL);
INSERT INTO "tuner_events" VALUES(2,3,'{"time": "2026-01-02T03:04:06.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 1, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.6, "duration_s": 1.5, "inference_ms": 0.25, "health_metrics": null, "vital_signs": null, "findings": [], "resources": null, "last": false}',NULL);
INSERT INTO "tuner_events" VALUES(2,4,'{"time": "2026-01-02T03:04:05.678901Z", "type": "data_read", "data": {"fingerprint": "0123456789abcdef", "report": {"kind": "image", "samples": "8 x 8 pixels, greyscale", "classes": [{"label": "\u00e4\n", "train": 3, "validation": 2, "test": 1}, {"label": "b", "train": 3, "validation": 2, "test": 1}], "notes": [{"kind": "warning", "text": "all are alike"}]}}}',NULL);
INSERT INTO "tuner_events" VALUES(1,14,'{"time": "2026-01-02T03:04:55.678901Z", "type": "baseline_fitted", "baseline": {"name": "logistic regression over 8 x 8 pixels", "val_accuracy": 0.85, "test_accuracy": 0.8, "majority_val_accuracy": 0.5, "training_samples": 6, "seconds": 1.25}}',NULL);
INSERT INTO "tuner_events" VALUES(2,5,'{"time": "2026-01-02T03:04:07.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 2, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.8, "val_balanced_accuracy": null, "val_macro_f1": null, "duration_s": 1.5, "inference_ms": 0.25, "health_metrics": null, "vital_signs": null, "findings": [], "resources": null, "summary": {"learning_rate": 0.01, "recalls": [0.9, 0.5], "confusion": [[9, 1], [5, 5]], "layers": [{"layer_id": "block1_conv", "units": 16, "dead": 0.0, "gradient": 0.01, "weights": [-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0]}, {"layer_id": "classes", "weights": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "biases": [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "drift": 0.25}]}, "last": false}',NULL);
CREATE TABLE tuner_jobs (
	study_id INTEGER NOT NULL, 
	trial_number INTEGER NOT NULL, 
	job_id VARCHAR(200) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	gpu TEXT, 
	queued_s DOUBLE, 
	billed_s DOUBLE NOT NULL, 
	estimated BOOLEAN NOT NULL, 
	cost_usd DOUBLE, 
	saved_s DOUBLE, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (study_id, trial_number, job_id), 
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
CREATE TABLE tuner_requests (
	study_id INTEGER NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	PRIMARY KEY (study_id), 
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE, 
	UNIQUE ("key")
);
CREATE TABLE tuner_studies (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	reason TEXT, 
	spec JSON NOT NULL, 
	folder TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	started_at DATETIME, 
	completed_at DATETIME, 
	running_since DATETIME, 
	active_seconds DOUBLE NOT NULL, 
	best_trial_number INTEGER, 
	best_objective DOUBLE, 
	test_accuracy DOUBLE, 
	test_loss DOUBLE, 
	driver VARCHAR(300), 
	lease VARCHAR(64), 
	heartbeat_at DATETIME, 
	cancel_requested_at DATETIME, best_performance JSON, data JSON, baseline JSON, space JSON, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "tuner_studies" VALUES(1,'old','completed','all trials done','{"dataset": "mnist", "data_dir": null, "sample_percentage": 1.0, "validation_split": 0.2, "test_size": 0.2, "seed": 0, "run_name": "old", "architecture": "auto", "model": null, "mode": "simple", "accuracy_weight": 0.7, "health_weights": {"neuron_utilization": 0.25, "training_stability": 0.2, "parameter_efficiency": 0.15, "gradient_health": 0.15, "convergence_quality": 0.15, "accuracy_consistency": 0.1}, "health_stop": false, "objective": "val_accuracy", "constraints": [], "trials": 3, "max_epochs_per_trial": 10, "min_epochs_per_trial": 1, "early_stopping_patience": 5, "searcher": "tpe", "scheduler": "asha", "cost_aware": true, "warm_start_from": null, "time_budget_s": null, "target_score": null, "concurrent_workers": 2, "cpus_per_trial": 1.0, "gpus_per_trial": null, "use_multi_gpu": "auto", "target_gpus_per_worker": null, "mixed_precision": "auto", "xla": "auto", "steps_per_execution": "auto", "max_parameters": 50000000, "max_memory_mb": 4096, "activation": null, "space": {"activation": {"low": null, "high": null, "log": null, "choices": ["relu"], "prior": null}, "learning_rate": {"low": 0.0001, "high": 0.01, "log": null, "choices": null, "prior": null}}, "plot_generation": true}','/results/old','2026-11-23 17:52:05.287623','2026-01-02 03:04:05.678901','2026-01-02 03:05:45.678901',NULL,100.0,1,0.9,0.88,0.4,NULL,NULL,NULL,NULL,'{"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}',NULL,'{"name": "logistic regression over 8 x 8 pixels", "val_accuracy": 0.85, "test_accuracy": 0.8, "majority_val_accuracy": 0.5, "training_samples": 6, "seconds": 1.25}',NULL);
INSERT INTO "tuner_studies" VALUES(2,'killed','running',NULL,'{"dataset": "digits", "data_dir": null, "sample_percentage": 1.0, "validation_split": 0.2, "test_size": 0.2, "seed": 0, "run_name": "killed", "architecture": "auto", "model": null, "mode": "simple", "accuracy_weight": 0.7, "health_weights": {"neuron_utilization": 0.25, "training_stability": 0.2, "parameter_efficiency": 0.15, "gradient_health": 0.15, "convergence_quality": 0.15, "accuracy_consistency": 0.1}, "health_stop": false, "objective": "val_loss", "constraints": [], "trials": 20, "max_epochs_per_trial": 10, "min_epochs_per_trial": 1, "early_stopping_patience": 5, "searcher": "tpe", "scheduler": "asha", "cost_aware": true, "warm_start_from": null, "time_budget_s": null, "target_score": null, "concurrent_workers": null, "cpus_per_trial": 1.0, "gpus_per_trial": null, "use_multi_gpu": "auto", "target_gpus_per_worker": null, "mixed_precision": "auto", "xla": "auto", "steps_per_execution": "auto", "max_parameters": 50000000, "max_memory_mb": 4096, "activation": null, "space": {}, "plot_generation": true}','/results/killed','2026-11-23 17:52:05.292062','2026-01-02 03:04:05.678901',NULL,'2026-01-02 03:04:05.678901',0.0,NULL,NULL,NULL,NULL,'old-host:7','machine/run','2026-11-23 17:52:05.000000',NULL,NULL,'{"fingerprint": "0123456789abcdef", "report": {"kind": "image", "samples": "8 x 8 pixels, greyscale", "classes": [{"label": "\u00e4\n", "train": 3, "validation": 2, "test": 1}, {"label": "b", "train": 3, "validation": 2, "test": 1}], "notes": [{"kind": "warning", "text": "all are alike"}]}}',NULL,NULL);
CREATE TABLE tuner_tallies (
	study_id INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	trials INTEGER NOT NULL, 
	timed INTEGER NOT NULL, 
	seconds DOUBLE NOT NULL, saved_s DOUBLE DEFAULT '0' NOT NULL, 
	PRIMARY KEY (study_id, status), 
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO "tuner_tallies" VALUES(1,'completed',1,1,3.5,0.0);
INSERT INTO "tuner_tallies" VALUES(1,'diverged',1,0,0.0,0.0);
INSERT INTO "tuner_tallies" VALUES(1,'failed',1,0,0.0,0.0);
INSERT INTO "tuner_tallies" VALUES(1,'rejected',1,0,0.0,0.0);
INSERT INTO "tuner_tallies" VALUES(2,'running',1,0,0.0,0.0);
CREATE TABLE tuner_trials (
	study_id INTEGER NOT NULL, 
	trial_number INTEGER NOT NULL, 
	trial_id TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	started_at DATETIME, 
	completed_at DATETIME, 
	duration_seconds DOUBLE, 
	hyperparameters JSON NOT NULL, 
	architecture JSON, 
	performance JSON, 
	health_metrics JSON, 
	vital_signs JSON, 
	findings JSON, 
	devices JSON, 
	resources JSON, 
	cause VARCHAR(16), 
	reason TEXT, 
	error TEXT, 
	objective DOUBLE, 
	"values" JSON NOT NULL, 
	best_epoch INTEGER, 
	epochs_trained INTEGER NOT NULL, 
	place VARCHAR(16), 
	why_local TEXT, 
	repeat JSON, suggested_by VARCHAR(32), queued_s DOUBLE, stopped_by JSON, saved_s DOUBLE, 
	PRIMARY KEY (study_id, trial_number), 
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO "tuner_trials" VALUES(1,1,'old-00001','completed','2026-01-02 03:04:05.678901','2026-01-02 03:05:05.678901',3.5,'{"learning_rate": 0.01}','{"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}','{"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}','{"overall_health": 0.9, "neuron_utilization": 0.9, "training_stability": 0.9, "parameter_efficiency": 0.9, "gradient_health": 0.9, "convergence_quality": 0.9, "accuracy_consistency": 0.9, "insufficient": []}','{"gradient_norm": 0.25, "train_validation_gap": 0.02, "layers": [{"layer_id": "block1_conv", "units": 16, "dead": 0.0, "saturated": null, "gradient": 0.01, "update": 0.003}, {"layer_id": "dense1", "units": 64, "dead": 0.0, "saturated": null, "gradient": 0.02, "update": 0.002}, {"layer_id": "classes", "units": null, "dead": null, "saturated": null, "gradient": 0.03, "update": 0.001}]}','[{"name": "dying_units", "epoch": 2, "evidence": "41 % of block1_conv''s units are dead", "layer_id": "block1_conv", "hopeless": false}]',NULL,NULL,'all_epochs','trained all epochs',NULL,0.9,'{"val_accuracy": 0.9, "val_loss": 0.3, "parameter_count": 650.0, "training_time": 3.0, "inference_time": 0.25}',2,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tuner_trials" VALUES(1,2,'old-00002','diverged','2026-01-02 03:05:15.678901','2026-01-02 03:05:25.678901',0.0,'{"learning_rate": 0.01}','{"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}',NULL,NULL,NULL,'[]',NULL,NULL,'diverged','the loss is not finite',NULL,NULL,'{}',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tuner_trials" VALUES(1,3,'old-00003','failed',NULL,'2026-01-02 03:05:26.678901',0.0,'{"learning_rate": 0.01}',NULL,NULL,NULL,NULL,'[]',NULL,NULL,'error','ValueError: 1 % of 🐍''s ''it''''s''; no','Traceback:
  "x"
ValueError',NULL,'{}',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tuner_trials" VALUES(1,4,'old-00004','rejected',NULL,'2026-01-02 03:05:27.678901',0.0,'{"learning_rate": 0.01}',NULL,NULL,NULL,NULL,'[]',NULL,NULL,'too_large','60,000,000 parameters, more than max_parameters=50,000,000',NULL,NULL,'{}',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "tuner_trials" VALUES(2,1,'killed-00001','running','2026-01-02 03:04:05.678901',NULL,NULL,'{"learning_rate": 0.01}','{"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}',NULL,NULL,NULL,NULL,'{"node": "old-host", "gpus": 0.0, "names": [], "threads": 2, "replicas": 1, "batch_size": 64, "learning_rate": 0.01, "precision": "float32", "xla": false, "steps_per_execution": 1, "why": ["no GPU"], "retried": false}',NULL,NULL,NULL,NULL,NULL,'{}',NULL,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE INDEX tuner_trials_status ON tuner_trials (study_id, status);
COMMIT;
