package dev.batuta.messaging.search;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.messaging.replica.Content.ChannelMessage;
import dev.batuta.messaging.replica.Content.DirectMessage;
import dev.batuta.messaging.replica.Content.Said;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Name;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who searches: what is said in channels is everybody's to find, a direct message only that of its
 * two ends. Each document has a term for this too, so that who may read little is answered as soon
 * as who may read all; what was found is judged again by the message itself.
 *
 * @param user the name in ops, folded, whose direct messages are found too; null for none
 */
record Readership(@Nullable String user) {
  /** No folded text has these characters. */
  private static final String EVERYBODY = "\uE100";

  private static final String END = "\uE101";

  /**
   * Who reads what a user does.
   *
   * @param created the name under which the user was created, or will be
   */
  static Readership of(String created) {
    return new Readership(Name.fold(created));
  }

  /** Who reads what is said in channels. */
  static Readership ofChannels() {
    return new Readership(null);
  }

  boolean mayRead(Said said) {
    return switch (said) {
      case ChannelMessage _ -> true;
      case DirectMessage direct ->
          Name.fold(direct.author()).equals(user) || Name.fold(direct.to()).equals(user);
    };
  }

  /** The terms of which a message that may be read has one. */
  List<String> terms() {
    return user == null ? List.of(EVERYBODY) : List.of(EVERYBODY, end(user));
  }

  /** The terms of a message, one for each readership. */
  static List<String> termsOf(Said said) {
    return switch (said) {
      case ChannelMessage _ -> List.of(EVERYBODY);
      case DirectMessage direct ->
          List.of(end(Name.fold(direct.author())), end(Name.fold(direct.to())));
    };
  }

  /** A name may have any character: its digest has none that ends a term. */
  private static String end(String folded) {
    byte[] digest = MessageId.sha256().digest(folded.getBytes(UTF_8));
    return END + HexFormat.of().formatHex(Arrays.copyOf(digest, 8));
  }
}
