package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage;
import dev.batuta.codec.Failure;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.codec.Refused;
import dev.batuta.codec.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Drafts that become ops in one transaction, in their order, or of which none does.
 *
 * <p>What is published under one key has message ids of it: {@code KEY#0}, {@code KEY#1}, and the
 * last one {@code KEY#end}. So another server that got only the first of them, because their own
 * died, makes the rest where they are repeated; and where the end is known, a repeat that has more
 * messages, or fewer, is another one.
 *
 * @param longer where the batch has a key, what comes after the last but one in a longer batch of
 *     that key: if it is known, this one is another
 */
public record Batch(List<Draft> drafts, @Nullable Draft longer) {
  /** The most messages that are published at once. */
  public static final int MOST = 10_000;

  /** The longest key of a batch, in characters: with what is added it is one of a message. */
  public static final int LONGEST_KEY = IdempotencyKey.MAX_CHARACTERS - 8;

  /** One alone. */
  public static Batch of(Draft draft) {
    return new Batch(List.of(draft), null);
  }

  /**
   * What is published at once.
   *
   * @throws Refused when there is nothing, too much, or the key is none
   */
  public static Batch of(ChatMessage.PublishAll request) {
    checkCount(request.texts().size());
    Text.checkVisible("Idempotency-Key", request.key(), LONGEST_KEY);
    List<Draft> drafts = new ArrayList<>(request.texts().size());
    int last = request.texts().size() - 1;
    for (int i = 0; i < last; i++) {
      drafts.add(draft(request, request.texts().get(i), Integer.toString(i)));
    }
    String end = request.texts().get(last);
    drafts.add(draft(request, end, "end"));
    return new Batch(List.copyOf(drafts), draft(request, end, Integer.toString(last)));
  }

  /** Refuses to publish nothing at once, or more than {@value #MOST} messages. */
  public static void checkCount(int count) {
    if (count < 1 || count > MOST) {
      throw Refused.invalid(
          "invalid-request",
          "messages has %d elements; send 1 to %d at once.".formatted(count, MOST));
    }
  }

  private static Draft draft(ChatMessage.PublishAll request, String text, String number) {
    return Draft.of(
        new ChatMessage.Publish(
            request.user(), request.channel(), text, request.key() + "#" + number));
  }

  /**
   * The contents of the ops, in their order.
   *
   * @throws Refused as {@link Draft#compose} says; of several it says which one
   */
  public List<Content> compose(Names names, LongSupplier clock, LongSupplier timeMillis) {
    List<Content> contents = new ArrayList<>(drafts.size());
    for (Draft draft : drafts) {
      try {
        contents.add(draft.compose(names, clock.getAsLong(), timeMillis.getAsLong()));
      } catch (Refused refused) {
        Failure why = refused.failure();
        boolean isOfAll = longer == null || why.kind() == Failure.Kind.NOT_FOUND;
        throw isOfAll ? refused : at(contents.size(), why);
      }
    }
    return contents;
  }

  private static Refused at(int index, Failure why) {
    String sentence = "messages[%d]: %s".formatted(index, why.message());
    return new Refused(new Failure(why.kind(), why.code(), sentence, why.retryAfterMillis()));
  }

  /** About how many bytes wait in memory for these. */
  public int bytes() {
    return drafts.stream().mapToInt(Draft::bytes).sum();
  }
}
