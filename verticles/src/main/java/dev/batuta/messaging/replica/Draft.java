package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.codec.Refused;
import dev.batuta.codec.Text;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a client asks for, before it is an op: checked against this server's names only. */
public interface Draft {
  /** The most bytes of UTF-8 that a text has. */
  int LONGEST_TEXT_BYTES = 64 * 1024;

  /**
   * The content of the op.
   *
   * @throws Refused when a name is wrong, taken or unknown, or the text is too long
   */
  Content compose(Names names, long clock, long timeMillis);

  /** About how many bytes wait in memory for this one. */
  default int bytes() {
    return 200;
  }

  /**
   * Whether another system tells of this, and may have it from here: we give it no ids, and times
   * in whole seconds, so that one with a fraction is its own.
   */
  default boolean isRetold() {
    return false;
  }

  static Draft of(ChatMessage.CreateUser request) {
    return (names, clock, time) ->
        new Content.User(
            request.own()
                ? names.checkOwn(request.name())
                : names.checkNew(Names.Of.USER, request.name()),
            clock,
            time);
  }

  static Draft of(ChatMessage.CreateChannel request) {
    return (names, clock, time) ->
        new Content.Channel(names.checkNew(Names.Of.CHANNEL, request.name()), clock, time);
  }

  static Draft of(ChatMessage.Publish request) {
    return new Words(request.text(), request.messageId(), request.saidMillis()) {
      @Override
      Content said(Names names, long clock, long time) {
        String user = names.resolve(Names.Of.USER, request.user());
        String channel = names.resolve(Names.Of.CHANNEL, request.channel());
        return new Content.ChannelMessage(channel, user, text, messageId, clock, time);
      }
    };
  }

  static Draft of(ChatMessage.Direct request) {
    return new Words(request.text(), request.messageId(), request.saidMillis()) {
      @Override
      Content said(Names names, long clock, long time) {
        String from = names.resolve(Names.Of.USER, request.from());
        String to = names.resolve(Names.Of.USER, request.to());
        return new Content.DirectMessage(from, to, text, messageId, clock, time);
      }
    };
  }

  /** What this server gives a name to, see {@link Folds}. */
  static Draft fold(List<OpId> parents, List<OpId> lasts) {
    return (names, clock, time) -> new Content.Fold(parents, lasts, clock, time);
  }

  /** A draft that says something. */
  abstract class Words implements Draft {
    final String text;
    final String messageId;
    final long saidMillis;

    Words(String text, String messageId, long saidMillis) {
      this.text = text;
      this.messageId = messageId;
      this.saidMillis = saidMillis;
    }

    abstract Content said(Names names, long clock, long timeMillis);

    @Override
    public int bytes() {
      return 200 + 2 * text.length();
    }

    @Override
    public boolean isRetold() {
      return saidMillis > 0 && saidMillis % 1_000 == 0;
    }

    @Override
    public Content compose(Names names, long clock, long timeMillis) {
      if (text.isBlank()) {
        throw new Refused(
            Kind.INVALID, "text-blank", "The message has no text: give at least one character.");
      }
      String complaint = Text.complaint(text);
      if (complaint != null) {
        throw new Refused(Kind.INVALID, "invalid-text", "The text " + complaint + ": correct it.");
      }
      int bytes = text.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > LONGEST_TEXT_BYTES) {
        throw new Refused(
            Kind.TOO_LARGE,
            "text-too-long",
            "The text has %d bytes: give at most %d, or split it."
                .formatted(bytes, LONGEST_TEXT_BYTES));
      }
      IdempotencyKey.checked("messageId", messageId);
      return said(names, clock, saidMillis > 0 ? saidMillis : timeMillis);
    }
  }
}
