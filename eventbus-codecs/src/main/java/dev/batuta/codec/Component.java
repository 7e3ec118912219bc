package dev.batuta.codec;

import java.io.IOException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One component of a record, with its accessor; numbers are not boxed when they are written. */
abstract sealed class Component {
  private final String name;
  private final Kind kind;

  Component(String name, Kind kind) {
    this.name = name;
    this.kind = kind;
  }

  String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  boolean nullable() {
    return false;
  }

  /** The component's value, boxed; for the named forms. */
  abstract @Nullable Object get(Object owner);

  abstract void write(Writer out, Object owner) throws IOException;

  @Nullable Object read(Reader in) throws IOException {
    return kind.read(in);
  }

  /** What stands for it when an older sender did not know it. */
  @Nullable Object absent() {
    return kind.absent();
  }

  static final class OfInt extends Component {
    private final ToIntFunction<Object> accessor;

    OfInt(String name, ToIntFunction<Object> accessor) {
      super(name, new Kind.Int());
      this.accessor = accessor;
    }

    @Override
    Object get(Object owner) {
      return accessor.applyAsInt(owner);
    }

    @Override
    void write(Writer out, Object owner) throws IOException {
      out.packer().packInt(accessor.applyAsInt(owner));
    }
  }

  static final class OfLong extends Component {
    private final ToLongFunction<Object> accessor;

    OfLong(String name, ToLongFunction<Object> accessor) {
      super(name, new Kind.Whole());
      this.accessor = accessor;
    }

    @Override
    Object get(Object owner) {
      return accessor.applyAsLong(owner);
    }

    @Override
    void write(Writer out, Object owner) throws IOException {
      out.packer().packLong(accessor.applyAsLong(owner));
    }
  }

  static final class OfDouble extends Component {
    private final ToDoubleFunction<Object> accessor;

    OfDouble(String name, ToDoubleFunction<Object> accessor) {
      super(name, new Kind.Real());
      this.accessor = accessor;
    }

    @Override
    Object get(Object owner) {
      return accessor.applyAsDouble(owner);
    }

    @Override
    void write(Writer out, Object owner) throws IOException {
      out.packer().packDouble(accessor.applyAsDouble(owner));
    }
  }

  static final class OfBoolean extends Component {
    private final Predicate<Object> accessor;

    OfBoolean(String name, Predicate<Object> accessor) {
      super(name, new Kind.Truth());
      this.accessor = accessor;
    }

    @Override
    Object get(Object owner) {
      return accessor.test(owner);
    }

    @Override
    void write(Writer out, Object owner) throws IOException {
      out.packer().packBoolean(accessor.test(owner));
    }
  }

  static final class OfReference extends Component {
    private final Function<Object, @Nullable Object> accessor;
    private final boolean nullable;

    OfReference(
        String name, Kind kind, boolean nullable, Function<Object, @Nullable Object> accessor) {
      super(name, kind);
      this.accessor = accessor;
      this.nullable = nullable;
    }

    @Override
    boolean nullable() {
      return nullable;
    }

    @Override
    @Nullable Object get(Object owner) {
      return accessor.apply(owner);
    }

    @Override
    void write(Writer out, Object owner) throws IOException {
      Object value = accessor.apply(owner);
      if (value != null) {
        kind().write(out, value);
      } else if (nullable) {
        out.packer().packNil();
      } else {
        throw new MalformedMessage("is null");
      }
    }

    @Override
    @Nullable Object read(Reader in) throws IOException {
      return nullable && in.isNil() ? null : kind().read(in);
    }

    @Override
    @Nullable Object absent() {
      return nullable ? null : kind().absent();
    }
  }
}
