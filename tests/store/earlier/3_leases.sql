-- Written by the store of commit 165c030: studies have leases, events keys.
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
	cancel_requested_at DATETIME,
	PRIMARY KEY (id),
	UNIQUE (name)
);
INSERT INTO tuner_studies VALUES (1,'old','completed','all trials done','{"dataset": "mnist", "data_dir": null, "sample_percentage": 1.0, "validation_split": 0.2, "test_size": 0.2, "seed": 0, "run_name": "old", "architecture": "auto", "model": null, "mode": "simple", "objective": "val_accuracy", "trials": 3, "max_epochs_per_trial": 10, "min_epochs_per_trial": 1, "early_stopping_patience": 5, "scheduler": "asha", "time_budget_s": null, "target_score": null, "concurrent_workers": 2, "cpus_per_trial": 1.0, "gpus_per_trial": null, "max_parameters": 50000000, "max_memory_mb": 4096, "activation": null, "space": {"activation": {"low": null, "high": null, "log": null, "choices": ["relu"]}, "learning_rate": {"low": 0.0001, "high": 0.01, "log": null, "choices": null}}, "plot_generation": true}','/results/old','2026-11-23 17:51:56.254158','2026-01-02 03:04:05.678901','2026-01-02 03:05:45.678901',NULL,100.0,1,0.9,0.88,0.4,NULL,NULL,NULL,NULL);
INSERT INTO tuner_studies VALUES (2,'killed','running',NULL,'{"dataset": "digits", "data_dir": null, "sample_percentage": 1.0, "validation_split": 0.2, "test_size": 0.2, "seed": 0, "run_name": "killed", "architecture": "auto", "model": null, "mode": "simple", "objective": "val_loss", "trials": 20, "max_epochs_per_trial": 10, "min_epochs_per_trial": 1, "early_stopping_patience": 5, "scheduler": "asha", "time_budget_s": null, "target_score": null, "concurrent_workers": null, "cpus_per_trial": 1.0, "gpus_per_trial": null, "max_parameters": 50000000, "max_memory_mb": 4096, "activation": null, "space": {}, "plot_generation": true}','/results/killed','2026-11-23 17:51:56.261047','2026-01-02 03:04:05.678901',NULL,'2026-01-02 03:04:05.678901',0.0,NULL,NULL,NULL,NULL,'old-host:7','machine/run','2026-11-23 17:51:56.000000',NULL);
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
	reason TEXT,
	error TEXT,
	objective DOUBLE,
	best_epoch INTEGER,
	epochs_trained INTEGER NOT NULL,
	PRIMARY KEY (study_id, trial_number),
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO tuner_trials VALUES (1,1,'old-00001','completed','2026-01-02 03:04:05.678901','2026-01-02 03:05:05.678901',3.5,'{"learning_rate": 0.01}','{"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}','{"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}','trained all epochs',NULL,0.9,2,2);
INSERT INTO tuner_trials VALUES (1,2,'old-00002','diverged','2026-01-02 03:05:15.678901','2026-01-02 03:05:25.678901',0.0,'{"learning_rate": 0.01}','{"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}',NULL,'the loss is not finite',NULL,NULL,NULL,0);
INSERT INTO tuner_trials VALUES (1,3,'old-00003','failed',NULL,'2026-01-02 03:05:26.678901',0.0,'{"learning_rate": 0.01}',NULL,NULL,'ValueError: 1 % of 🐍''s ''it''''s''; no','Traceback:
  "x"
ValueError',NULL,NULL,0);
INSERT INTO tuner_trials VALUES (1,4,'old-00004','rejected',NULL,'2026-01-02 03:05:27.678901',0.0,'{"learning_rate": 0.01}',NULL,NULL,'60,000,000 parameters, more than max_parameters=50,000,000',NULL,NULL,NULL,0);
INSERT INTO tuner_trials VALUES (2,1,'killed-00001','running','2026-01-02 03:04:05.678901',NULL,NULL,'{"learning_rate": 0.01}','{"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}',NULL,NULL,NULL,NULL,NULL,1);
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
	time DATETIME NOT NULL,
	PRIMARY KEY (study_id, trial_number, epoch),
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO tuner_epochs VALUES (1,1,1,0.5,0.7,0.6,0.8,0.8,1.5,'2026-01-02 03:04:06.678901');
INSERT INTO tuner_epochs VALUES (1,1,2,0.5,0.7,0.6,0.8,0.8,1.5,'2026-01-02 03:04:07.678901');
INSERT INTO tuner_epochs VALUES (2,1,1,0.5,0.7,0.6,0.8,0.6,1.5,'2026-01-02 03:04:06.678901');
CREATE TABLE tuner_events (
	study_id INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	event JSON NOT NULL,
	"key" VARCHAR(32),
	PRIMARY KEY (study_id, sequence),
	UNIQUE (study_id, "key"),
	FOREIGN KEY(study_id) REFERENCES tuner_studies (id) ON DELETE CASCADE
);
INSERT INTO tuner_events VALUES (1,1,'{"time": "2026-01-02T03:04:05.678901Z", "type": "study_status", "status": "running", "reason": null}',NULL);
INSERT INTO tuner_events VALUES (1,10,'{"time": "2026-01-02T03:05:27.678901Z", "trial_number": 4, "type": "trial_complete", "trial_id": "old-00004", "status": "rejected", "reason": "60,000,000 parameters, more than max_parameters=50,000,000", "hyperparameters": {"learning_rate": 0.01}, "performance": null, "objective": null, "best_epoch": null, "epochs_trained": 0, "duration_seconds": 0.0, "error": null}',NULL);
INSERT INTO tuner_events VALUES (1,11,'{"time": "2026-01-02T03:05:35.678901Z", "trial_number": 1, "type": "best_model", "val_accuracy": 0.9, "test_accuracy": 0.88, "test_loss": 0.4, "folder": "/results/old/best_model"}',NULL);
INSERT INTO tuner_events VALUES (1,12,'{"time": "2026-01-02T03:05:45.678901Z", "type": "study_status", "status": "completed", "reason": "all trials done"}',NULL);
INSERT INTO tuner_events VALUES (1,2,'{"time": "2026-01-02T03:04:05.678901Z", "trial_number": 1, "type": "trial_start", "trial_id": "old-00001", "hyperparameters": {"learning_rate": 0.01}, "architecture": {"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}, "resumed_from_epoch": 0}',NULL);
INSERT INTO tuner_events VALUES (1,3,'{"time": "2026-01-02T03:04:06.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 1, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.8, "duration_s": 1.5, "last": false}',NULL);
INSERT INTO tuner_events VALUES (1,4,'{"time": "2026-01-02T03:04:07.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 2, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.8, "duration_s": 1.5, "last": false}',NULL);
INSERT INTO tuner_events VALUES (1,5,'{"time": "2026-01-02T03:05:05.678901Z", "trial_number": 1, "type": "trial_complete", "trial_id": "old-00001", "status": "completed", "reason": "trained all epochs", "hyperparameters": {"learning_rate": 0.01}, "performance": {"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}, "objective": 0.9, "best_epoch": 2, "epochs_trained": 2, "duration_seconds": 3.5, "error": null}',NULL);
INSERT INTO tuner_events VALUES (1,6,'{"time": "2026-01-02T03:05:06.678901Z", "trial_number": 1, "type": "new_best", "objective": 0.9, "performance": {"total_score": 0.9, "accuracy": 0.9, "loss": 0.3}}',NULL);
INSERT INTO tuner_events VALUES (1,7,'{"time": "2026-01-02T03:05:15.678901Z", "trial_number": 2, "type": "trial_start", "trial_id": "old-00002", "hyperparameters": {"learning_rate": 0.01}, "architecture": {"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}, "resumed_from_epoch": 0}',NULL);
INSERT INTO tuner_events VALUES (1,8,'{"time": "2026-01-02T03:05:25.678901Z", "trial_number": 2, "type": "trial_complete", "trial_id": "old-00002", "status": "diverged", "reason": "the loss is not finite", "hyperparameters": {"learning_rate": 0.01}, "performance": null, "objective": null, "best_epoch": null, "epochs_trained": 0, "duration_seconds": 0.0, "error": null}',NULL);
INSERT INTO tuner_events VALUES (1,9,'{"time": "2026-01-02T03:05:26.678901Z", "trial_number": 3, "type": "trial_complete", "trial_id": "old-00003", "status": "failed", "reason": "ValueError: 1 % of \ud83d\udc0d''s ''it''''s''; no", "hyperparameters": {"learning_rate": 0.01}, "performance": null, "objective": null, "best_epoch": null, "epochs_trained": 0, "duration_seconds": 0.0, "error": "Traceback:\n  \"x\"\nValueError"}',NULL);
INSERT INTO tuner_events VALUES (2,1,'{"time": "2026-01-02T03:04:05.678901Z", "type": "study_status", "status": "running", "reason": null}',NULL);
INSERT INTO tuner_events VALUES (2,2,'{"time": "2026-01-02T03:04:05.678901Z", "trial_number": 1, "type": "trial_start", "trial_id": "killed-00001", "hyperparameters": {"learning_rate": 0.01}, "architecture": {"type": "cnn", "conv_layers": 2, "filters_per_layer": [16, 32], "kernel_size": null, "dense_layers": null, "first_dense_nodes": null, "activation": null, "batch_normalization": null, "use_global_pooling": null, "lstm_units": null, "total_parameters": 650, "layers": [{"layer_id": "dense", "layer_type": "Dense", "input_shape": [null, 64], "output_shape": [10], "parameters": 650, "activation": null, "filters": null, "kernel_size": null, "units": 10}]}, "resumed_from_epoch": 0}',NULL);
INSERT INTO tuner_events VALUES (2,3,'{"time": "2026-01-02T03:04:06.678901Z", "trial_number": 1, "type": "epoch_progress", "epoch": 1, "epochs": 10, "train": {"loss": 0.5, "accuracy": 0.7}, "validation": {"loss": 0.6, "accuracy": 0.8}, "objective": 0.6, "duration_s": 1.5, "last": false}',NULL);
