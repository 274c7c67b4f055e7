/** What the tests use of `chrome` inside the browser. */
interface TestPort {
  onMessage: { addListener<Event>(listener: (event: Event) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}
interface TestArea {
  get(name: null): Promise<Record<string, unknown>>;
}
declare const chrome: {
  runtime: {
    sendMessage<Reply>(message: unknown): Promise<Reply>;
    sendMessage<Reply>(extension: string, message: unknown): Promise<Reply>;
    connect(info: { name: string }): TestPort;
    connect(extension: string, info: { name: string }): TestPort;
  };
  storage: { local: TestArea; session: TestArea };
};
