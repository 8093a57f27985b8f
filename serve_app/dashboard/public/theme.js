// Blocking and tiny: sets the theme before the first paint, so that no page flashes in the other one.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("tuner.theme");
  } catch {
    // Storage is forbidden: the system's theme is used.
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
