package dev.batuta.node;

/** A configuration that cannot be started with; the message names the key and what it takes. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** One sentence. */
  public SettingsException(String message) {
    super(message);
  }
}
