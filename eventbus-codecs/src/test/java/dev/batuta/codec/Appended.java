package dev.batuta.codec;

import org.jspecify.annotations.Nullable;

/** Records by their first components, so that a test does not mind when others are appended. */
final class Appended {
  private Appended() {}

  /** The rest has its defaults. */
  static <T> T record(Class<T> type, @Nullable Object... first) {
    Shape shape =
        Schema.ENVELOPE.shapes().stream()
            .filter(each -> each.type() == type)
            .findFirst()
            .orElseThrow();
    @Nullable Object[] values = new @Nullable Object[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i < first.length ? first[i] : shape.components().get(i).absent();
    }
    return type.cast(shape.construct(values));
  }
}
