import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button } from "./Button";

interface Props {
  title: string;
  children: ReactNode;
}

/** A fault inside it leaves everything outside alive. "Try again" draws the content anew. */
export class Boundary extends Component<Props, { fault: Error | null }> {
  override state: { fault: Error | null } = { fault: null };

  static getDerivedStateFromError(fault: Error) {
    return { fault };
  }

  override componentDidCatch(fault: Error, info: ErrorInfo) {
    console.error(`${this.props.title} cannot be shown:`, fault, info.componentStack);
  }

  override render() {
    if (this.state.fault === null) return this.props.children;
    return (
      <div role="alert" className="flex flex-col items-start gap-2 p-4">
        <p className="text-bad">{this.props.title} cannot be shown. The rest of the page works.</p>
        <p className="text-[12px] text-muted break-words">{this.state.fault.message}</p>
        <Button size="small" onClick={() => this.setState({ fault: null })}>
          Try again
        </Button>
      </div>
    );
  }
}
