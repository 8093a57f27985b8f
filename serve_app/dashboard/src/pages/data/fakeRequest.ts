/** A request of the browser's older kind, for tests: it keeps what is sent, and a test answers it. */
export class FakeRequest {
  static last: FakeRequest | null = null;
  method = "";
  path = "";
  form: FormData | null = null;
  status = 0;
  responseType = "";
  response: Blob | null = null;
  upload: { onprogress?: (event: { loaded: number; total: number }) => void; onload?: () => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;

  open(method: string, path: string): void {
    [this.method, this.path] = [method, path];
    FakeRequest.last = this;
  }
  setRequestHeader(): void {}
  getResponseHeader(): null {
    return null;
  }
  send(form: FormData): void {
    this.form = form;
  }
  abort(): void {
    this.onabort?.();
  }

  /** Answers it, as the server does. */
  answer(status: number, body: string): void {
    this.status = status;
    this.response = new Blob([body]);
    this.onload?.();
  }
}
