package dev.batuta.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trees of maps, lists and plain values as MessagePack, and back, within {@link Limits}. */
final class TreePack {
  private TreePack() {}

  static byte[] pack(Map<String, @Nullable Object> tree, Limits limits) {
    Writer writer = new Writer(limits);
    try {
      write(writer, tree);
      writer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Arrays.copyOf(writer.array(), writer.size());
  }

  private static void write(Writer out, @Nullable Object tree) throws IOException {
    switch (tree) {
      case null -> out.packer().packNil();
      case String text -> out.text(text);
      case Integer number -> out.packer().packInt(number);
      case Long number -> out.packer().packLong(number);
      case Double number -> out.packer().packDouble(number);
      case Boolean truth -> out.packer().packBoolean(truth);
      case byte[] bytes -> out.bytes(bytes);
      case List<?> list -> {
        out.listHeader(list.size());
        for (Object element : list) {
          write(out, element);
        }
      }
      case Map<?, ?> map -> {
        out.mapHeader(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.text((String) entry.getKey());
          write(out, entry.getValue());
        }
      }
      default -> throw new IllegalArgumentException(tree.getClass() + " in a tree");
    }
  }

  static @Nullable Object unpack(byte[] bytes, Limits limits) {
    Reader reader = new Reader(limits);
    try {
      reader.reset(bytes);
      Object tree = read(reader);
      reader.finish();
      return tree;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw Shape.malformed(e);
    }
  }

  private static @Nullable Object read(Reader in) throws IOException {
    return switch (in.unpacker().getNextFormat().getValueType()) {
      case NIL -> {
        in.unpacker().unpackNil();
        yield null;
      }
      case BOOLEAN -> in.unpacker().unpackBoolean();
      case INTEGER -> in.unpacker().unpackLong();
      case FLOAT -> in.unpacker().unpackDouble();
      case STRING -> in.text();
      case BINARY -> in.bytes();
      case ARRAY -> list(in);
      case MAP -> map(in);
      case EXTENSION -> throw new MalformedMessage("an extension type, which no message has");
    };
  }

  private static Object list(Reader in) throws IOException {
    int count = in.enterList();
    List<@Nullable Object> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      try {
        list.add(read(in));
      } catch (RuntimeException e) {
        throw Shape.malformed(e).in("[" + i + "]");
      }
    }
    in.leave();
    return list;
  }

  private static Object map(Reader in) throws IOException {
    int count = in.enterMap();
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String key = in.text();
      try {
        if (map.containsKey(key)) {
          throw new MalformedMessage("is there twice");
        }
        map.put(key, read(in));
      } catch (RuntimeException e) {
        throw Shape.malformed(e).in(Text.beginning(key, 40));
      }
    }
    in.leave();
    return map;
  }
}
