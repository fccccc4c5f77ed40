type Handler<T> = (event: T) => void

/** One typed event source. Handlers run in order of subscription; the returned function ends the subscription. */
export class Signal<T> {
  #handlers: readonly Handler<T>[] = []

  on(handler: Handler<T>): () => void {
    this.#handlers = [...this.#handlers, handler]
    return () => {
      this.#handlers = this.#handlers.filter((h) => h !== handler)
    }
  }

  emit(event: T): void {
    for (const handler of this.#handlers) handler(event)
  }

  clear(): void {
    this.#handlers = []
  }
}
