package dev.batuta.codec;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records as trees of maps, lists and plain values, for {@link NamedForm}. */
enum NamedTree {
  /** Without what JSON cannot hold: bytes, infinities, whole numbers that JavaScript rounds. */
  JSON {
    @Override
    Object bytes(Bytes value) {
      return Base64.getEncoder().encodeToString(value.shared());
    }

    @Override
    Object whole(long value) {
      return Math.abs(value) <= EXACT_IN_JAVASCRIPT && value != Long.MIN_VALUE
          ? (Object) value
          : Long.toString(value);
    }

    @Override
    Object real(double value) {
      return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }
  },

  MESSAGE_PACK {
    @Override
    Object bytes(Bytes value) {
      return value.shared();
    }

    @Override
    Object whole(long value) {
      return value;
    }

    @Override
    Object real(double value) {
      return value;
    }
  };

  /** The key that says which record a map is, where it can be one of several. */
  static final String TYPE = "type";

  private static final long EXACT_IN_JAVASCRIPT = (1L << 53) - 1;

  abstract Object bytes(Bytes value);

  abstract Object whole(long value);

  abstract Object real(double value);

  /** The tree of a record. */
  Map<String, @Nullable Object> write(Shape shape, Object value) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    put(tree, shape, value);
    return tree;
  }

  private void put(Map<String, @Nullable Object> tree, Shape shape, Object value) {
    for (Component component : shape.components()) {
      try {
        tree.put(component.name(), write(component, component.get(value)));
      } catch (MalformedMessage e) {
        throw shape.in(component, e);
      }
    }
  }

  private @Nullable Object write(Component component, @Nullable Object value) {
    if (value == null && component.nullable()) {
      return null;
    }
    return write(component.kind(), value);
  }

  private Object write(Kind kind, @Nullable Object value) {
    if (value == null) {
      throw new MalformedMessage("is null");
    }
    return switch (kind) {
      case Kind.Int _, Kind.Truth _ -> value;
      case Kind.Text _ -> Text.checked((String) value);
      case Kind.Whole _ -> whole((Long) value);
      case Kind.Real _ -> real((Double) value);
      case Kind.Binary _ -> bytes((Bytes) value);
      case Kind.Choice _ -> ((Enum<?>) value).name();
      case Kind.Nested nested -> write(nested.shape(), value);
      case Kind.Union union -> member(union.shapeOf(value), value);
      case Kind.Many many -> list(many.element(), (List<?>) value);
    };
  }

  private Object member(Shape shape, Object value) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put(TYPE, shape.typeName());
    try {
      put(tree, shape, value);
    } catch (MalformedMessage e) {
      throw e.inMember(shape.recordName());
    }
    return tree;
  }

  private Object list(Kind element, List<?> values) {
    List<Object> tree = new ArrayList<>(values.size());
    for (Object value : values) {
      try {
        tree.add(write(element, value));
      } catch (MalformedMessage e) {
        throw e.in("[" + tree.size() + "]");
      }
    }
    return tree;
  }
}
