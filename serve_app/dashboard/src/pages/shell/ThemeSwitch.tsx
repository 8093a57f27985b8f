import { Monitor, Moon, Sun } from "lucide-react";
import { Segmented } from "../../parts/Segmented";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "../../state/theme";

const OPTIONS: readonly { value: ThemeChoice; name: string; label: React.ReactNode }[] = [
  { value: "system", name: "As the system", label: <Monitor aria-hidden="true" className="size-4" /> },
  { value: "light", name: "Light", label: <Sun aria-hidden="true" className="size-4" /> },
  { value: "dark", name: "Dark", label: <Moon aria-hidden="true" className="size-4" /> },
];

export function ThemeSwitch() {
  return <Segmented label="Theme" value={useThemeChoice()} options={OPTIONS} onChange={chooseTheme} />;
}
