// Sorting, filtering and copying on checktrail's pages. Everything can be read without it.
(() => {
  "use strict"

  const value = cell => cell?.dataset.ctValue ?? cell?.textContent.trim() ?? ""

  function compare(a, b, numbers) {
    if (numbers) return (a === "" ? -Infinity : Number(a)) - (b === "" ? -Infinity : Number(b))
    return a.localeCompare(b, "en", { numeric: true })
  }

  function sort(table, column, direction) {
    const body = table.tBodies[0]
    const numbers = table.tHead.rows[0].cells[column].dataset.ctType === "number"
    const rows = [...body.rows].map((row, index) => [value(row.cells[column]), index, row])
    rows.sort((a, b) => direction * compare(a[0], b[0], numbers) || a[1] - b[1])
    body.append(...rows.map(row => row[2]))
  }

  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.dataset.ctType === undefined) return
      const button = document.createElement("button")
      button.type = "button"
      button.className = "ct-sort"
      button.append(...head.childNodes)
      head.append(button)
      button.addEventListener("click", () => {
        const ascending = head.getAttribute("aria-sort") !== "ascending"
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort")
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending")
        sort(table, column, ascending ? 1 : -1)
      })
    })
  }

  // The style sheet lets a row of such a table stand on its own where the screen is narrow.
  function stackable(table) {
    const heads = [...table.tHead.rows[0].cells].map(head => head.textContent.trim())
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => { if (cell.tagName === "TD") cell.dataset.ctHead = heads[column] })
    }
    table.classList.add("ct-stacked")
  }

  function filterable(box) {
    const table = document.getElementById(box.dataset.ctFilter)
    const input = box.querySelector("input")
    const said = box.querySelector("[role=status]")
    if (!table || !input) return
    box.hidden = false
    const rows = [...table.tBodies[0].rows].map(row => [row, row.textContent.toLowerCase()])
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
      let shown = 0
      for (const [row, text] of rows) {
        row.hidden = !words.every(word => text.includes(word))
        shown += !row.hidden
      }
      if (said) said.textContent = words.length ? `${shown} of ${rows.length} shown` : ""
    })
  }

  // Clipboard access needs a secure page; from a file or plain http the old way still works.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      const area = document.createElement("textarea")
      area.value = text
      area.setAttribute("readonly", "")
      area.className = "ct-hidden"
      document.body.append(area)
      area.select()
      const done = document.execCommand("copy")
      area.remove()
      return done
    }
  }

  // Screen readers are told what eyes see on the button.
  const said = document.createElement("span")
  said.className = "ct-hidden"
  said.setAttribute("role", "status")

  // Where there is no button yet, the short name of something long gets one behind it.
  function beside(name) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "ct-copy ct-copy--icon"
    button.setAttribute("aria-label", `Copy ${name.textContent}`)
    button.dataset.ctCopy = name.dataset.ctCopy
    name.after(button)
    return button
  }

  function copyable(each) {
    const button = each instanceof HTMLButtonElement ? each : beside(each)
    button.hidden = false
    const name = button.textContent
    button.addEventListener("click", async () => {
      const text = button.dataset.ctCopy || button.parentElement.querySelector("code")?.textContent.replace(/\n$/, "") || ""
      const done = await copy(text)
      if (name) button.textContent = done ? "Copied" : "Not copied"
      else button.toggleAttribute("data-ct-done", done)
      said.textContent = done ? "Copied" : "Not copied"
      setTimeout(() => {
        if (name) button.textContent = name
        button.removeAttribute("data-ct-done")
        said.textContent = ""
      }, 2000)
    })
  }

  // A page's own words at the top of each sheet of paper; a style sheet cannot know them, an inline one may not run.
  const paper = "adoptedStyleSheets" in document && "replaceSync" in CSSStyleSheet.prototype ? new CSSStyleSheet() : null
  if (paper) document.adoptedStyleSheets = [...document.adoptedStyleSheets, paper]

  function running() {
    const text = document.querySelector(".ct-running")?.textContent ?? ""
    const quoted = text.replace(/[^ \w.:,-]/gu, sign => `\\${sign.codePointAt(0).toString(16)} `)
    paper?.replaceSync(text ? `@page { @top-left { content: "${quoted}"; font: 9pt sans-serif; color: #555d66 } }` : "")
  }

  function start() {
    running()
    const fresh = (selector, set) => document.querySelectorAll(selector).forEach(each => {
      const ready = (each.dataset.ctReady ?? "").split(" ")
      if (ready.includes(set.name)) return
      each.dataset.ctReady = [...ready, set.name].join(" ")
      set(each)
    })
    if (!said.isConnected) document.querySelector("main, body").append(said)
    fresh("table[data-ct-stack]", stackable)
    fresh("table[data-ct-sort]", sortable)
    fresh("[data-ct-filter]", filterable)
    fresh("[data-ct-copy]:not(.ct-copy--icon)", copyable)
  }

  // Material replaces the page in place where instant navigation is on, and tells so here.
  if (typeof document$ !== "undefined") document$.subscribe(start)
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start)
  else start()
})()
