package dev.batuta.messaging.replica;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.Text;
import dev.batuta.identity.UserName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of users and channels, derived from their creations and so the same on every server
 * that has the same ops, in whatever order they came.
 *
 * <p>Of several creations of one name the first in reading order gives spelling and kind; a later
 * one of the other kind is known as {@code name~2}. One thread adds; any thread reads.
 */
public final class Names {
  /** What a name stands for. */
  public enum Of {
    USER("user"),
    CHANNEL("channel");

    private final String word;

    Of(String word) {
      this.word = word;
    }

    Of other() {
      return this == USER ? CHANNEL : USER;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** A page of names; {@code next} is null at the end. */
  public record Page(List<String> items, @Nullable String next) {}

  /** As long as the name of a user, who acts under the messaging name that equals its own. */
  public static final int MAX_CHARACTERS = UserName.MAX_CHARACTERS;

  private static final Set<String> RESERVED = Set.of("servers", "replication");

  private record Creation(ReadingOrder place, String spelling) {}

  private record Slot(@Nullable Creation user, @Nullable Creation channel) {
    @Nullable Creation of(Of kind) {
      return kind == Of.USER ? user : channel;
    }

    Slot with(Of kind, Creation creation) {
      @Nullable Creation known = of(kind);
      Creation first =
          known == null || creation.place().compareTo(known.place()) < 0 ? creation : known;
      return kind == Of.USER ? new Slot(first, channel) : new Slot(user, first);
    }

    boolean isSecond(Of kind) {
      @Nullable Creation mine = of(kind);
      @Nullable Creation others = of(kind.other());
      return mine != null && others != null && others.place().compareTo(mine.place()) < 0;
    }

    @Nullable String shown(Of kind) {
      @Nullable Creation mine = of(kind);
      return mine == null ? null : isSecond(kind) ? mine.spelling() + Name.SECOND : mine.spelling();
    }
  }

  private static final Slot EMPTY = new Slot(null, null);

  private final ConcurrentSkipListMap<String, Slot> slots = new ConcurrentSkipListMap<>();
  private final Map<Of, Integer> counts = new EnumMap<>(Of.class);

  /** A creation arrived. */
  void add(Of kind, String name, ReadingOrder place) {
    String key = Name.fold(name);
    Slot known = slots.getOrDefault(key, EMPTY);
    if (known.of(kind) == null) {
      counts.merge(kind, 1, Integer::sum);
    }
    slots.put(key, known.with(kind, new Creation(place, Name.kept(name))));
  }

  /** The name as it will be kept, or why it cannot be created here and now. */
  String checkNew(Of kind, String given) {
    String name = checked(kind, given);
    @Nullable Slot slot = slots.get(Name.fold(name));
    if (slot != null) {
      throw taken(name, kind, slot.of(kind) != null ? kind : kind.other());
    }
    return name;
  }

  /**
   * The same for the name of a token's user, who has no other to choose: one that is a channel's is
   * no obstacle, and makes it known as {@code name~2}.
   */
  String checkOwn(String given) {
    String name = checked(Of.USER, given);
    if (creation(Of.USER, Name.fold(name)) != null) {
      throw taken(name, Of.USER, Of.USER);
    }
    return name;
  }

  private static Refused taken(String name, Of kind, Of by) {
    return new Refused(
        Kind.CONFLICT,
        "name-taken",
        "The name '%s' is taken by a %s: choose another name for the %s."
            .formatted(name, by, kind));
  }

  private static String checked(Of kind, String given) {
    String name = Name.kept(given);
    int length = name.codePointCount(0, name.length());
    if (length == 0) {
      throw new Refused(
          Kind.INVALID,
          "name-blank",
          "The name of a %s is blank: give 1 to %d visible characters."
              .formatted(kind, MAX_CHARACTERS));
    }
    if (length > MAX_CHARACTERS) {
      throw new Refused(
          Kind.INVALID,
          "name-too-long",
          "The name '%s' of a %s has %d characters: give at most %d."
              .formatted(Refused.shown(Text.beginning(name, 20)), kind, length, MAX_CHARACTERS));
    }
    if (!name.codePoints().allMatch(Name::isVisible)) {
      throw new Refused(
          Kind.INVALID,
          "name-invisible",
          "The name '%s' of a %s contains an invisible character: give 1 to %d visible ones."
              .formatted(
                  name.codePoints()
                      .map(point -> Name.isVisible(point) ? point : '?')
                      .collect(
                          StringBuilder::new,
                          StringBuilder::appendCodePoint,
                          StringBuilder::append),
                  kind,
                  MAX_CHARACTERS));
    }
    if (!Text.isAddressable(name)) {
      throw new Refused(
          Kind.INVALID,
          "name-no-address",
          "The name '%s' is a step in the path of an address, where a name would stand: choose another name for the %s."
              .formatted(name, kind));
    }
    String key = Name.fold(name);
    if (RESERVED.contains(key) || key.endsWith(Name.SECOND)) {
      throw new Refused(
          Kind.INVALID,
          "name-reserved",
          "The name '%s' is kept for Batuta itself: choose another name for the %s."
              .formatted(name, kind));
    }
    return name;
  }

  /**
   * The name in ops of what is meant by a given name, or why there is none. The kind is known here,
   * so that one of the other kind and of the same name hides nothing.
   */
  public String resolve(Of kind, String given) {
    String key = Name.fold(given);
    @Nullable Creation creation = creation(kind, key);
    if (creation == null && key.endsWith(Name.SECOND)) {
      creation = creation(kind, key.substring(0, key.length() - Name.SECOND.length()));
    }
    if (creation != null) {
      return creation.spelling();
    }
    String advice =
        slots.containsKey(key)
            ? "that name is a %s.".formatted(kind.other())
            : kind == Of.CHANNEL
                ? "create it first, or look at the list of channels."
                : "register the name first, or look at the list of users.";
    throw new Refused(Kind.NOT_FOUND, notFound(kind), missing(kind, given) + advice);
  }

  private @Nullable Creation creation(Of kind, String key) {
    @Nullable Slot slot = slots.get(key);
    return slot == null ? null : slot.of(kind);
  }

  /** How the sentence begins that says it of this name. */
  private static String missing(Of kind, String given) {
    return "There is no %s '%s': ".formatted(kind, Refused.shown(given));
  }

  /** Whether this says that there is none of this very name. */
  public static boolean isMissing(Refused refused, Of kind, String given) {
    return refused.failure().code().equals(notFound(kind))
        && refused.failure().message().startsWith(missing(kind, given));
  }

  /** Whether this says that nobody registered a name that should be a user's. */
  public static boolean isNoUser(Throwable error) {
    return error instanceof Refused refused && refused.failure().code().equals(notFound(Of.USER));
  }

  private static String notFound(Of kind) {
    return kind + "-not-found";
  }

  /** How a name in an op reads here and now; as it stands there while its creation is not here. */
  public String shown(Of kind, String inOp) {
    return known(kind, inOp).orElse(inOp);
  }

  /** How the one of this kind that was created under a name reads here and now. */
  public Optional<String> known(Of kind, String created) {
    return Optional.ofNullable(slots.get(Name.fold(created))).map(slot -> slot.shown(kind));
  }

  /** Names of a kind, in their order; {@code after} is the {@code next} of the page before. */
  public Page page(Of kind, @Nullable String after, int limit) {
    List<String> items = new ArrayList<>();
    @Nullable String last = null;
    for (var entry : (after == null ? slots : slots.tailMap(after, false)).entrySet()) {
      @Nullable String shown = entry.getValue().shown(kind);
      if (shown == null) {
        continue;
      }
      if (items.size() == limit) {
        return new Page(items, last);
      }
      items.add(shown);
      last = entry.getKey();
    }
    return new Page(items, null);
  }

  /** How many there are of a kind; for the thread that adds. */
  int count(Of kind) {
    return counts.getOrDefault(kind, 0);
  }
}
