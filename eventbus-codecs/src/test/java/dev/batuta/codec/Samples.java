package dev.batuta.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two envelopes for every message: one with a value in every field, and one, called {@code
 * NAME-empty}, with as little as there may be. The values depend on the names of the fields only,
 * so that a field that is appended changes no other one.
 */
final class Samples {
  private static final int[] INTS = {
    0, 1, 127, 128, 255, 256, 65_535, 65_536, Integer.MAX_VALUE, -1, -32, -33, -128, -129, -32_769,
  };
  private static final long[] LONGS = {
    5,
    1L << 32,
    (1L << 53) - 1,
    1L << 53,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -(1L << 31) - 1,
    1_760_000_000_000L,
    200,
    60_000,
  };
  private static final String[] TEXTS = {
    "server-1", "", "São João 🎼", "a text of more than thirty-one bytes", "x".repeat(300),
  };

  private Samples() {}

  /** By the name of their files. */
  static Map<String, Envelope> all() {
    Map<String, Envelope> samples = new LinkedHashMap<>();
    Kind.Union messages = Schema.ENVELOPE.union(Message.class);
    messages
        .byName()
        .forEach(
            (name, shape) -> {
              samples.put(name, envelope(of(shape, name)));
              if (shape.size() > 0) {
                samples.put(name + "-empty", envelope(shape.construct(empty(shape))));
              }
            });
    return samples;
  }

  private static Envelope envelope(Object message) {
    return new Envelope("server-1", 77, (Message) message);
  }

  private static Object of(Shape shape, String path) {
    List<Object> values = new ArrayList<>();
    for (Component component : shape.components()) {
      values.add(of(component.kind(), path + "." + component.name()));
    }
    return shape.construct(values.toArray());
  }

  private static Object of(Kind kind, String path) {
    int choice = path.hashCode() & Integer.MAX_VALUE;
    return switch (kind) {
      case Kind.Int _ -> INTS[choice % INTS.length];
      case Kind.Whole _ -> LONGS[choice % LONGS.length];
      case Kind.Real _ -> choice / 1024.0;
      case Kind.Truth _ -> choice % 2 == 0;
      case Kind.Text _ -> TEXTS[choice % TEXTS.length];
      case Kind.Binary _ -> Bytes.owning(path.getBytes(StandardCharsets.UTF_8));
      case Kind.Choice all -> all.constants().get(choice % all.constants().size());
      case Kind.Nested nested -> of(nested.shape(), path);
      case Kind.Union union -> {
        List<Shape> members = List.copyOf(union.byName().values());
        Shape member = members.get(choice % members.size());
        yield of(member, path + "." + member.typeName());
      }
      case Kind.Many many ->
          List.of(
              of(many.element(), path + "[0]"),
              of(many.element(), path + "[1]"),
              of(many.element(), path + "[2]"));
    };
  }

  private static @Nullable Object[] empty(Shape shape) {
    return shape.components().stream()
        .map(each -> each.kind() instanceof Kind.Union union ? first(union) : each.absent())
        .toArray();
  }

  private static Object first(Kind.Union union) {
    Shape first = union.byName().values().iterator().next();
    return first.construct(empty(first));
  }
}
