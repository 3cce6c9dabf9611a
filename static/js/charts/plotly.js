// Loads Plotly's bundle once, from this server, when the first chart asks for it.
const PLOTLY_URL = document.querySelector('meta[name="plotly-url"]')?.content;
let loading = null;

export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY_URL;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("The charts' library could not be loaded. Reload the page to try again."));
    document.head.append(script);
  });
  return loading;
}
