package dev.batuta.gateway.foreign;

import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is who among masters of other implementations: those that are configured, and strangers, who
 * asked for workers by themselves.
 *
 * <p>Their names are in a space of their own, so that an id may be the name of one of this
 * cluster's servers: a stranger's name has an {@code @} or a colon, which no node's name has, and a
 * configured one is no server's.
 *
 * <p>One that gives an id, now or before on the same connection, is known by it. By where it comes
 * from only one is known that gives none, or whose id nobody has heard: several masters may share a
 * machine, and then it is the only one of them that speaks over this transport. Belongs to the
 * event loop of the door.
 */
final class MasterRoster {
  static final int MAX_STRANGERS = 1_000;

  private static final int MAX_ID = 64;

  private final Map<String, OtherMaster> byName = new LinkedHashMap<>();
  private final Map<String, OtherMaster> byId = new HashMap<>();

  MasterRoster(List<ForeignPeer> configured) {
    configured.forEach(peer -> byName.put(peer.name(), new OtherMaster(peer)));
  }

  Collection<OtherMaster> all() {
    return List.copyOf(byName.values());
  }

  @Nullable OtherMaster named(String name) {
    return byName.get(name);
  }

  /** By the id that it gives itself, for which its name may stand. */
  @Nullable OtherMaster withId(String id) {
    OtherMaster known = byId.get(id);
    return known != null ? known : byName.get(id);
  }

  /** It calls itself so from now on. */
  void learn(OtherMaster master, String id) {
    if (master.id != null) {
      byId.remove(master.id, master);
    }
    master.id = id;
    byId.put(id, master);
  }

  /** By which it calls itself, or did on this connection before. */
  static @Nullable String idOf(@Nullable String said, Talk talk) {
    if (said != null) {
      talk.master = said;
    }
    return talk.master;
  }

  /** Who greets. */
  @Nullable OtherMaster greets(@Nullable String said, Talk talk) {
    String id = idOf(said, talk);
    return id != null
        ? withId(id)
        : only(each -> each.configured && each.isAt(talk.remoteHost()), talk.transport());
  }

  /**
   * Who asks for workers: by its id, else by where it says that it is, else by where it comes from.
   *
   * @param from where it says that it is
   */
  @Nullable OtherMaster asks(@Nullable String said, @Nullable Endpoint from, Talk talk) {
    String id = idOf(said, talk);
    OtherMaster known = id == null ? null : withId(id);
    if (known != null) {
      return known;
    }
    if (from == null) {
      return only(
          each -> each.configured && mayCome(each, id, talk.remoteHost()), talk.transport());
    }
    OtherMaster there =
        configuredElseStranger(
            each -> each.isReachedAt(from) && (id == null || each.id == null || each.configured),
            talk.transport());
    // Where workers are sent to it is the same one; a configured one says its id when it is
    // greeted.
    if (there != null && id != null && there.id == null) {
      learn(there, id);
    }
    return there;
  }

  /** Who gives workers back, or has them back: a stranger may not have said its id before. */
  @Nullable OtherMaster tells(@Nullable String said, Talk talk) {
    String id = idOf(said, talk);
    OtherMaster known = id == null ? null : withId(id);
    return known != null
        ? known
        : configuredElseStranger(each -> mayCome(each, id, talk.remoteHost()), talk.transport());
  }

  /** Nothing says that it is another one. */
  private static boolean mayCome(OtherMaster master, @Nullable String id, String host) {
    return master.isAt(host) && (id == null || master.id == null);
  }

  private @Nullable OtherMaster configuredElseStranger(Predicate<OtherMaster> who, Transport over) {
    OtherMaster known = only(each -> each.configured && who.test(each), over);
    return known != null ? known : only(each -> !each.configured && who.test(each), over);
  }

  /**
   * Of several it is the one that speaks over this transport; of several of these it could be any.
   */
  private @Nullable OtherMaster only(Predicate<OtherMaster> who, Transport over) {
    List<OtherMaster> found = byName.values().stream().filter(who).toList();
    List<OtherMaster> likely =
        found.size() > 1 ? found.stream().filter(each -> each.transport == over).toList() : found;
    return likely.size() == 1 ? likely.getFirst() : null;
  }

  /**
   * One that nobody configured, by what it says of itself.
   *
   * @return null of one that says neither who nor where it is
   */
  @Nullable OtherMaster stranger(@Nullable String said, @Nullable Endpoint from, Talk talk) {
    String id = idOf(said, talk);
    String known = id != null ? id : from != null ? from.text() : null;
    if (known == null || known.length() > MAX_ID) {
      return null;
    }
    String host = talk.remoteHost();
    String name = id != null ? id + "@" + host : known;
    OtherMaster stranger =
        byName.computeIfAbsent(name, first -> new OtherMaster(first, talk.transport(), host));
    if (id != null) {
      learn(stranger, id);
    }
    return stranger;
  }

  /** Takes out the stranger that came first, if there are too many. */
  Optional<OtherMaster> removeOverflow() {
    List<OtherMaster> strangers =
        byName.values().stream().filter(each -> !each.configured).toList();
    if (strangers.size() <= MAX_STRANGERS) {
      return Optional.empty();
    }
    OtherMaster first = strangers.getFirst();
    byName.remove(first.name);
    if (first.id != null) {
      byId.remove(first.id, first);
    }
    return Optional.of(first);
  }
}
