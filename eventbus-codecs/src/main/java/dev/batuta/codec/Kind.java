package dev.batuta.codec;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The kind of a value: how it is written and read by position, and what stands for it when an older
 * sender did not know it. The named forms ({@code NamedForm}) read the same kinds.
 */
sealed interface Kind {
  void write(Writer out, Object value) throws IOException;

  Object read(Reader in) throws IOException;

  /** What a missing one is. */
  Object absent();

  record Int() implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      out.packer().packInt((Integer) value);
    }

    @Override
    public Object read(Reader in) throws IOException {
      return in.integer();
    }

    @Override
    public Object absent() {
      return 0;
    }
  }

  record Whole() implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      out.packer().packLong((Long) value);
    }

    @Override
    public Object read(Reader in) throws IOException {
      return in.unpacker().unpackLong();
    }

    @Override
    public Object absent() {
      return 0L;
    }
  }

  record Real() implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      out.packer().packDouble((Double) value);
    }

    @Override
    public Object read(Reader in) throws IOException {
      return in.unpacker().unpackDouble();
    }

    @Override
    public Object absent() {
      return 0.0;
    }
  }

  record Truth() implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      out.packer().packBoolean((Boolean) value);
    }

    @Override
    public Object read(Reader in) throws IOException {
      return in.unpacker().unpackBoolean();
    }

    @Override
    public Object absent() {
      return false;
    }
  }

  record Text() implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      out.text((String) value);
    }

    @Override
    public Object read(Reader in) throws IOException {
      return in.text();
    }

    @Override
    public Object absent() {
      return "";
    }
  }

  record Binary() implements Kind {
    private static final Bytes EMPTY = Bytes.owning(new byte[0]);

    @Override
    public void write(Writer out, Object value) throws IOException {
      out.bytes(((Bytes) value).shared());
    }

    @Override
    public Object read(Reader in) throws IOException {
      return Bytes.owning(in.bytes());
    }

    @Override
    public Object absent() {
      return EMPTY;
    }
  }

  /** An enum, by its ordinal: constants are only ever appended. */
  record Choice(List<Enum<?>> constants) implements Kind {
    @Override
    @SuppressWarnings("EnumOrdinal") // It is the wire form: constants are only ever appended.
    public void write(Writer out, Object value) throws IOException {
      out.packer().packInt(((Enum<?>) value).ordinal());
    }

    @Override
    public Object read(Reader in) throws IOException {
      int ordinal = in.integer();
      if (ordinal < 0 || ordinal >= constants.size()) {
        throw new MalformedMessage(
            "constant " + ordinal + " is unknown to this version, which knows " + constants);
      }
      return constants.get(ordinal);
    }

    @Override
    public Object absent() {
      return constants.getFirst();
    }
  }

  /** A record of one known type: the array of its components. */
  record Nested(Shape shape) implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      out.packer().packArrayHeader(shape.size());
      shape.write(out, value);
    }

    @Override
    public Object read(Reader in) throws IOException {
      int count = in.enterRecord();
      Object value = shape.read(in, count);
      in.leave();
      return value;
    }

    @Override
    public Object absent() {
      return shape.absent();
    }
  }

  /** One of several records: the array of its type number and its components. */
  final class Union implements Kind {
    private final Class<?> type;
    private final Map<Class<?>, Shape> members = new HashMap<>();
    private final Map<String, Shape> byName = new TreeMap<>();
    private final @Nullable Shape[] byNumber;

    /** Without members at first, because shapes refer to each other. */
    Union(Class<?> type, int numbers) {
      this.type = type;
      this.byNumber = new Shape[numbers];
    }

    void add(Class<?> member, Shape shape) {
      if (shape.number() < 0) {
        throw new IllegalStateException(member + " needs a @Type number");
      }
      members.put(member, shape);
      byNumber[shape.number()] = shape;
      Shape namesake = byName.put(shape.typeName(), shape);
      if (namesake != null) {
        throw new IllegalStateException("two records of " + type + " are a " + shape.typeName());
      }
    }

    Class<?> type() {
      return type;
    }

    /** By {@link Shape#typeName()}, in order. */
    Map<String, Shape> byName() {
      return byName;
    }

    Shape shapeOf(Object value) {
      Shape shape = members.get(value.getClass());
      if (shape == null) {
        throw new MalformedMessage(value.getClass() + " is no " + type.getSimpleName());
      }
      return shape;
    }

    @Override
    public void write(Writer out, Object value) throws IOException {
      Shape shape = shapeOf(value);
      out.packer().packArrayHeader(1 + shape.size());
      out.packer().packInt(shape.number());
      try {
        shape.write(out, value);
      } catch (MalformedMessage e) {
        throw e.inMember(shape.recordName());
      }
    }

    @Override
    public Object read(Reader in) throws IOException {
      int count = in.enterRecord();
      int number = in.integer();
      Shape shape = number >= 0 && number < byNumber.length ? byNumber[number] : null;
      if (shape == null) {
        throw new MalformedMessage(
            "type " + number + " is no " + type.getSimpleName() + " known to this version");
      }
      try {
        Object value = shape.read(in, count - 1);
        in.leave();
        return value;
      } catch (MalformedMessage e) {
        throw e.inMember(shape.recordName());
      }
    }

    @Override
    public Object absent() {
      throw new MalformedMessage("is missing");
    }
  }

  record Many(Kind element) implements Kind {
    @Override
    public void write(Writer out, Object value) throws IOException {
      List<?> list = (List<?>) value;
      int size = list.size();
      out.listHeader(size);
      for (int i = 0; i < size; i++) {
        Object each = list.get(i);
        try {
          if (each == null) {
            throw new MalformedMessage("is null");
          }
          element.write(out, each);
        } catch (MalformedMessage e) {
          throw e.in("[" + i + "]");
        }
      }
    }

    @Override
    public Object read(Reader in) throws IOException {
      int count = in.enterList();
      if (count == 0) {
        in.leave();
        return List.of();
      }
      Object[] values = new Object[count];
      int i = 0;
      try {
        for (; i < count; i++) {
          values[i] = element.read(in);
        }
      } catch (RuntimeException e) {
        throw Shape.malformed(e).in("[" + i + "]");
      }
      in.leave();
      return Collections.unmodifiableList(Arrays.asList(values));
    }

    @Override
    public Object absent() {
      return List.of();
    }
  }
}
