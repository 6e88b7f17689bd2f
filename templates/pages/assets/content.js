// Open the content tab that the address names, or the one that was chosen on another page.
(() => {
  const chosen = document.currentScript?.dataset.linked === "true" ? __md_get("__tabs") : null
  if (Array.isArray(chosen)) {
    for (const set of document.querySelectorAll(".tabbed-set")) {
      const labels = [...set.querySelectorAll(":scope > .tabbed-labels > label")]
      const label = chosen.map(name => labels.find(each => each.innerText.trim() === name)).find(Boolean)
      const input = label && document.getElementById(label.htmlFor)
      if (input) input.checked = true
    }
  }
  const target = document.getElementById(location.hash.slice(1))
  if (target?.name) target.checked = target.name.startsWith("__tabbed_")
})()
