package dev.batuta.gateway;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From which pages browsers may open a socket. A browser lets every page open sockets to every
 * host, cookies included, and says only which page it was (RFC 6455, section 10.2): the door has to
 * look. Pages that the door itself served may, and those of the listed origins. Programs that are
 * no browsers send no origin and are not meant. Safe on any thread.
 */
public final class Origins {
  /** Those of no list. */
  public static final Origins SAME_HOST = new Origins(List.of());

  private static final String ANY = "*";
  private static final Pattern THIS_MACHINE =
      Pattern.compile("https?://(localhost|127([.][0-9]{1,3}){3}|\\[::1\\])(:[0-9]{1,5})?");

  private final Set<String> listed;

  /**
   * @param listed such as {@code https://console.example.org}; {@code *} is any
   * @throws IllegalArgumentException that names the one that is none
   */
  public Origins(List<String> listed) {
    for (String origin : listed) {
      if (!origin.equals(ANY) && !origin.matches("https?://[^/?#\\s]+")) {
        throw new IllegalArgumentException(
            "\"" + origin + "\" is no origin, such as https://console.example.org");
      }
    }
    this.listed = listed.stream().map(Origins::normal).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether a socket may be opened.
   *
   * @param origin the header {@code Origin}, null without one
   * @param host the header {@code Host}, as the client knows this door
   */
  public boolean allows(@Nullable String origin, @Nullable String host) {
    if (origin == null || listed.contains(ANY)) {
      return true;
    }
    String page = normal(origin);
    return listed.contains(page) || (host != null && page.endsWith("://" + normal(host)));
  }

  /**
   * The same for a door that knows its clients by their address alone. For a client of this machine
   * a page has to be of this machine, by an address and not by a name, which its owner may have
   * lead here (DNS rebinding); at whatever port it is, it may do no more than any program here.
   *
   * @param client where the socket comes from
   */
  public boolean allows(@Nullable String origin, @Nullable String host, InetAddress client) {
    return client.isLoopbackAddress()
        ? allows(origin, null) || THIS_MACHINE.matcher(normal(String.valueOf(origin))).matches()
        : allows(origin, host);
  }

  /** Refuses where {@link #allows(String, String)} does not. */
  public void check(@Nullable String origin, @Nullable String host) {
    if (!allows(origin, host)) {
      throw new Refused(
          Failure.Kind.FORBIDDEN,
          "foreign-origin",
          "Pages of "
              + Refused.shown(String.valueOf(origin))
              + " may not open sockets here; open the page of this node, or have http.origins list them.");
    }
  }

  private static String normal(String origin) {
    return origin.strip().replaceAll("/$", "").toLowerCase(Locale.ROOT); // some programs end it so
  }
}
