// Browsers start no worker from file://. There, an empty frame of the page itself runs the worker's script, so that the
// search works for whoever opens the site from a folder. Everywhere else this file does nothing.
if (location.protocol === "file:") {
  class FrameWorker extends EventTarget {
    #frame = document.createElement("iframe")
    #ready

    constructor(address) {
      super()
      this.#frame.hidden = true
      this.#frame.title = "Search"
      document.body.append(this.#frame)
      const inside = this.#frame.contentWindow
      inside.postMessage = data => {
        const message = new MessageEvent("message", { data })
        this.dispatchEvent(message)
        this.onmessage?.(message)
      }
      const load = file => new Promise((done, failed) => {
        const script = inside.document.createElement("script")
        script.src = new URL(file, location).href
        script.onload = done
        script.onerror = failed
        inside.document.body.append(script)
      })
      inside.importScripts = (...files) => files.reduce((before, file) => before.then(() => load(file)), Promise.resolve())
      this.#ready = load(address)
    }

    postMessage(data) {
      this.#ready.then(() => this.#frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })))
    }

    terminate() {
      this.#frame.remove()
    }
  }
  window.Worker = window.IFrameWorker = FrameWorker
}
