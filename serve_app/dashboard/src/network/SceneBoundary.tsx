import { Component, type ReactNode } from "react";

/** A fault of the scene, or of its loading, is told to the view, which draws flat then. */
export class SceneBoundary extends Component<{ onFault: () => void; children: ReactNode }, { faulty: boolean }> {
  override state = { faulty: false };

  static getDerivedStateFromError() {
    return { faulty: true };
  }

  override componentDidCatch(fault: Error) {
    console.error("The 3D scene cannot be shown:", fault);
    this.props.onFault();
  }

  override render() {
    return this.state.faulty ? null : this.props.children;
  }
}
