import { Dialog } from "../../parts/Dialog";
import { LogOut } from "./LogOut";
import { ThemeSwitch } from "./ThemeSwitch";

export default function SettingsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Settings">
      <div className="flex flex-col gap-2">
        <p className="text-[12px] text-muted">Theme</p>
        <ThemeSwitch />
        <LogOut />
      </div>
    </Dialog>
  );
}
