package dev.batuta.codec;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageInsufficientBufferException;
import org.msgpack.core.MessageIntegerOverflowException;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageSizeException;

/** What a record looks like on the wire: its number, its components in their order. */
final class Shape {
  private final Class<?> type;
  private final int number;
  private Component[] components = {};
  private @Nullable MethodHandle constructor;
  private boolean root;

  /** {@code number} is -1 for a record that has none. */
  Shape(Class<?> type, int number) {
    this.type = type;
    this.number = number;
  }

  /** Completes it; in a second step, because shapes refer to each other. */
  void link(List<Component> inOrder, MethodHandle fromArray) {
    components = inOrder.toArray(Component[]::new);
    constructor = fromArray;
  }

  /** Makes it the outermost one, with which the paths in errors begin. */
  void becomeRoot() {
    root = true;
  }

  int number() {
    return number;
  }

  int size() {
    return components.length;
  }

  List<Component> components() {
    return List.of(components);
  }

  Class<?> type() {
    return type;
  }

  /** As in Java: {@code StateCount}. */
  String recordName() {
    return type.getSimpleName();
  }

  /** As in the named forms: {@code stateCount}. */
  String typeName() {
    String name = recordName();
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  /** Writes the components, without a header. */
  void write(Writer out, Object value) throws IOException {
    Component[] all = components;
    int i = 0;
    try {
      for (; i < all.length; i++) {
        all[i].write(out, value);
      }
    } catch (MalformedMessage e) {
      throw in(all[i], e);
    }
  }

  /** Reads {@code count} values: absent ones are defaulted, those that are too many skipped. */
  Object read(Reader in, int count) throws IOException {
    Component[] all = components;
    @Nullable Object[] values = new @Nullable Object[all.length];
    int known = Math.min(count, all.length);
    int i = 0;
    try {
      for (; i < known; i++) {
        values[i] = all[i].read(in);
      }
      for (; i < all.length; i++) {
        values[i] = all[i].absent();
      }
    } catch (RuntimeException e) {
      throw in(all[i], malformed(e));
    }
    if (count > known) {
      skip(in, count - known);
    }
    return construct(values);
  }

  MalformedMessage in(Component component, MalformedMessage e) {
    return root ? e.inRoot(recordName(), component.name()) : e.in(component.name());
  }

  private static void skip(Reader in, int values) throws IOException {
    try {
      in.skip(values);
    } catch (RuntimeException e) {
      throw malformed(e).in("(appended)");
    }
  }

  /** Of a record that an older sender did not know at all. */
  Object absent() {
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = components[i].absent();
    }
    return construct(values);
  }

  /** The record of these values, which have the types of its components. */
  Object construct(@Nullable Object[] values) {
    if (constructor == null) {
      throw new IllegalStateException(type + " is not linked");
    }
    try {
      return (Object) constructor.invokeExact(values);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new MalformedMessage(recordName() + " refuses it: " + e.getMessage());
    }
  }

  /** Every way in which MessagePack can be wrong, as the one typed error. */
  static MalformedMessage malformed(RuntimeException e) {
    return switch (e) {
      case MalformedMessage known -> known;
      case MessageInsufficientBufferException cut -> new MalformedMessage("the message is cut off");
      case MessageIntegerOverflowException large ->
          new MalformedMessage(large.getBigInteger() + " does not fit into 64 bits");
      case MessageSizeException large -> new MalformedMessage("a length of " + large.getSize());
      case MessagePackException wrong -> new MalformedMessage(String.valueOf(wrong.getMessage()));
      default -> throw e;
    };
  }
}
