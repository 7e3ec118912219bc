package dev.batuta.gateway.events;

import dev.batuta.identity.Caller;
import dev.batuta.messaging.MessageFilter;
import dev.batuta.messaging.replica.Name;
import org.jspecify.annotations.Nullable;

/**
 * Which messages a caller may follow: those of all channels, and the direct ones of its own. A door
 * without credentials follows all, and gives a direct message to those only who listen to its name.
 */
public final class MessageAccess {
  private MessageAccess() {}

  /**
   * What a caller gets of what it asks for.
   *
   * @param channel the only one to follow, then without direct messages; null for all
   * @param user whose direct messages are wanted: an admin gets those of any registered user and
   *     none without a name, everybody else its own, named or not
   * @throws dev.batuta.codec.Refused when the user is another than the caller, who is no admin
   */
  public static MessageFilter filter(
      Caller caller, @Nullable String channel, @Nullable String user) {
    caller.checkActsAs(user);
    if (caller.actsForAll() && channel == null && user == null) {
      return new MessageFilter.Everything();
    }
    if (channel != null) {
      return new MessageFilter.Channel(channel);
    }
    if (user == null) {
      return caller.isAdmin() ? new MessageFilter.Channels() : new MessageFilter.Own(caller.user());
    }
    // One's own name need not be registered yet.
    return Name.isOf(caller.user(), user)
        ? new MessageFilter.Own(caller.user())
        : new MessageFilter.User(user);
  }
}
