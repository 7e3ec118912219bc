package dev.batuta.gateway.foreign;

/** How a worker lost a task that it was told. */
enum Loss {
  ASKED_AGAIN("the worker asked again before it reported"),
  CAME_AGAIN("the worker asked on another connection before it reported"),
  SILENT("the worker was silent for its lease"),
  CLOSED("the connection was closed, and the worker has no id");

  final String sentence;

  Loss(String sentence) {
    this.sentence = sentence;
  }
}
