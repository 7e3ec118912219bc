package dev.batuta.messaging;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Content.ChannelMessage;
import dev.batuta.messaging.replica.Content.DirectMessage;
import dev.batuta.messaging.replica.Content.Said;
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.Names;
import java.util.function.Predicate;

/**
 * Which messages a subscriber gets. A direct message goes to its two ends only; who gets all of
 * them is a door, which gives each on to its ends.
 */
public sealed interface MessageFilter {
  /** What is said in channels. */
  record Channels() implements MessageFilter {}

  /**
   * What is said in one channel; it stays this one when it becomes known under another name.
   *
   * @param name any spelling of it
   */
  record Channel(String name) implements MessageFilter {}

  /**
   * What is said in channels, and to and by the user of a token.
   *
   * @param user as the token says; registered or not yet, and known under this name or another
   */
  record Own(String user) implements MessageFilter {}

  /**
   * What is said in channels, and to and by one registered user.
   *
   * @param name any spelling of the user's name, with {@code ~2} or without
   */
  record User(String name) implements MessageFilter {}

  /** All that is said, for a door that knows its clients by the names to which they listen. */
  record Everything() implements MessageFilter {}

  /**
   * What passes, by the names in ops, which do not change.
   *
   * @throws dev.batuta.codec.Refused where there is no such channel or user
   */
  default Predicate<Said> resolved(Names names) {
    return switch (this) {
      case Channels() -> ChannelMessage.class::isInstance;
      case Everything() -> said -> true;
      case Channel(var name) -> {
        String conversation = Content.ofChannel(names.resolve(Names.Of.CHANNEL, name));
        yield said -> said.conversation().equals(conversation);
      }
      case Own(var user) -> withDirect(user);
      case User(var name) -> withDirect(names.resolve(Names.Of.USER, name));
    };
  }

  private static Predicate<Said> withDirect(String created) {
    String user = Name.fold(created);
    return said ->
        switch (said) {
          case ChannelMessage _ -> true;
          case DirectMessage direct ->
              Name.fold(direct.author()).equals(user) || Name.fold(direct.to()).equals(user);
        };
  }
}
