import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { buttonClass } from "./Button";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
}

const OVERLAY = "fixed inset-0 z-40 bg-[rgb(0_0_0/0.45)]";

/** A modal question or form. Escape and a click outside close it; focus returns to where it was. */
export function Dialog({ open, onClose, title, description, children }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[85dvh] w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 overflow-y-auto rounded-panel border border-line bg-raised p-5 shadow-2xl focus:outline-none"
        >
          <Radix.Title className="pr-8 text-[16px] font-semibold">{title}</Radix.Title>
          {description !== undefined && <Radix.Description className="text-muted">{description}</Radix.Description>}
          {children}
          <CloseButton />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Details beside the page: at the right on a large screen, from below on a phone. The page behind stays usable. */
export function Sheet({ open, onClose, title, children }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()} modal={false}>
      <Radix.Portal>
        <Radix.Content
          aria-describedby={undefined}
          onInteractOutside={(event) => event.preventDefault()}
          className="fixed inset-x-0 bottom-0 z-40 flex h-dvh flex-col overflow-y-auto border border-line bg-surface shadow-2xl focus:outline-none md:inset-y-0 md:right-0 md:left-auto md:h-auto md:w-[min(36rem,60vw)] md:rounded-none md:border-y-0 md:border-r-0"
        >
          <Radix.Title className="sticky top-0 z-10 border-b border-line bg-surface py-3 pr-14 pl-4 text-[16px] font-semibold">
            {title}
          </Radix.Title>
          <div className="min-w-0 flex-1 p-4">{children}</div>
          <CloseButton fixed />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function CloseButton({ fixed = false }: { fixed?: boolean }) {
  return (
    <Radix.Close
      aria-label="Close"
      className={buttonClass("ghost", "icon", fixed ? "!absolute top-1.5 right-2 z-20" : "!absolute top-3 right-3")}
    >
      <X aria-hidden="true" className="size-4" />
    </Radix.Close>
  );
}
