package dev.batuta.codec;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records out of trees that others made, of JSON or MessagePack; for one tree. */
final class TreeReader {
  private final Limits limits;
  private int elements;
  private int depth;

  TreeReader(Limits limits) {
    this.limits = limits;
  }

  /** The outermost record. */
  Object root(Shape shape, @Nullable Object tree) {
    return record(shape, tree);
  }

  private Object record(Shape shape, @Nullable Object tree) {
    Map<?, ?> map = map(tree);
    Object value = fields(shape, map);
    depth--;
    return value;
  }

  private Object fields(Shape shape, Map<?, ?> map) {
    List<Component> components = shape.components();
    @Nullable Object[] values = new @Nullable Object[components.size()];
    for (int i = 0; i < values.length; i++) {
      Component component = components.get(i);
      try {
        Object field = map.get(component.name());
        if (field != null) {
          values[i] = value(component.kind(), field);
        } else if (component.nullable() || !map.containsKey(component.name())) {
          values[i] = component.absent();
        } else {
          throw new MalformedMessage("is null");
        }
      } catch (MalformedMessage e) {
        throw shape.in(component, e);
      }
    }
    return shape.construct(values);
  }

  private Object value(Kind kind, @Nullable Object tree) {
    return switch (kind) {
      case Kind.Int _ -> (int) whole(tree, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case Kind.Whole _ -> whole(tree, Long.MIN_VALUE, Long.MAX_VALUE);
      case Kind.Real _ -> real(tree);
      case Kind.Truth _ when tree instanceof Boolean truth -> truth;
      case Kind.Truth _ -> throw expected("true or false", tree);
      case Kind.Text _ when tree instanceof String text -> checked(text);
      case Kind.Text _ -> throw expected("a text", tree);
      case Kind.Binary _ -> bytes(tree);
      case Kind.Choice choice -> constant(choice, tree);
      case Kind.Nested nested -> record(nested.shape(), tree);
      case Kind.Union union -> member(union, tree);
      case Kind.Many many -> list(many, tree);
    };
  }

  private static long whole(@Nullable Object tree, long min, long max) {
    long value =
        switch (tree) {
          case Long number -> number;
          case Integer number -> number;
          case String text -> parse(text);
          case null, default -> throw expected("a whole number", tree);
        };
    if (value < min || value > max) {
      throw new MalformedMessage(value + " is not from " + min + " to " + max);
    }
    return value;
  }

  private static long parse(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw expected("a whole number", text);
    }
  }

  private static double real(@Nullable Object tree) {
    return switch (tree) {
      case Number number -> number.doubleValue();
      case String text when text.equals("NaN") -> Double.NaN;
      case String text when text.equals("Infinity") -> Double.POSITIVE_INFINITY;
      case String text when text.equals("-Infinity") -> Double.NEGATIVE_INFINITY;
      case null, default -> throw expected("a number", tree);
    };
  }

  private String checked(String text) {
    // Three bytes a char at most: most texts need no counting.
    if (text.length() > limits.textBytes() / 3) {
      limits.checkTextBytes(text.length());
      limits.checkTextBytes(text.getBytes(StandardCharsets.UTF_8).length);
    }
    return Text.checked(text);
  }

  private Bytes bytes(@Nullable Object tree) {
    switch (tree) {
      case byte[] bytes -> {
        limits.checkTextBytes(bytes.length);
        return Bytes.owning(bytes);
      }
      case String base64 -> {
        limits.checkTextBytes(base64.length() / 4L * 3 - 2);
        try {
          return Bytes.owning(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
          throw new MalformedMessage("not Base64: " + e.getMessage());
        }
      }
      case null, default -> throw expected("bytes", tree);
    }
  }

  private static Object constant(Kind.Choice choice, @Nullable Object tree) {
    for (Enum<?> constant : choice.constants()) {
      if (constant.name().equals(tree)) {
        return constant;
      }
    }
    throw expected("one of " + choice.constants(), tree);
  }

  private Object member(Kind.Union union, @Nullable Object tree) {
    Map<?, ?> map = map(tree);
    Object type = map.get(NamedTree.TYPE);
    Shape shape = type instanceof String name ? union.byName().get(name) : null;
    if (shape == null) {
      throw new MalformedMessage(
          "the type " + shown(type) + " is no " + union.type().getSimpleName() + " known here");
    }
    try {
      Object value = fields(shape, map);
      depth--;
      return value;
    } catch (MalformedMessage e) {
      throw e.inMember(shape.recordName());
    }
  }

  private Object list(Kind.Many many, @Nullable Object tree) {
    List<?> list =
        switch (tree) {
          case JsonArray array -> array.getList();
          case List<?> plain -> plain;
          case null, default -> throw expected("a list", tree);
        };
    enter(list.size());
    @Nullable Object[] values = new @Nullable Object[list.size()];
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = value(many.element(), list.get(i));
      } catch (MalformedMessage e) {
        throw e.in("[" + i + "]");
      }
    }
    depth--;
    return Collections.unmodifiableList(Arrays.asList(values));
  }

  private Map<?, ?> map(@Nullable Object tree) {
    Map<?, ?> map =
        switch (tree) {
          case JsonObject object -> object.getMap();
          case Map<?, ?> plain -> plain;
          case null, default -> throw expected("an object", tree);
        };
    enter(map.size());
    return map;
  }

  private void enter(int more) {
    limits.checkDepth(++depth);
    elements += more;
    limits.checkElements(elements);
  }

  private static MalformedMessage expected(String what, @Nullable Object found) {
    return new MalformedMessage("expected " + what + ", but got " + shown(found));
  }

  private static String shown(@Nullable Object found) {
    return switch (found) {
      case null -> "nothing";
      case Map<?, ?> _, JsonObject _ -> "an object";
      case List<?> _, JsonArray _ -> "a list";
      case byte[] _ -> "bytes";
      case String text -> "\"" + Text.beginning(text, 40) + "\"";
      default -> String.valueOf(found);
    };
  }
}
