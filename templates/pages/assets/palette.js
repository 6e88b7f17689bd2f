// Give the page the reader's chosen colours before it is painted.
(() => {
  const chosen = __md_get("__palette")
  if (!chosen?.color) return
  const color = { ...chosen.color }
  if (color.media === "(prefers-color-scheme)") {
    const scheme = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark"
    const option = document.querySelector(`[data-md-color-media="(prefers-color-scheme: ${scheme})"]`)
    for (const name of ["scheme", "primary", "accent"]) color[name] = option?.getAttribute(`data-md-color-${name}`) ?? color[name]
    color.media = option?.getAttribute("data-md-color-media") ?? color.media
  }
  for (const [name, value] of Object.entries(color)) document.body.setAttribute(`data-md-color-${name}`, value)
})()
