package dev.batuta.codec;

/**
 * What a message may be at most. A decoder checks each number against its limit, and against the
 * bytes that are left, before it allocates anything for it.
 *
 * @param bytes of a whole message in any of its forms
 * @param textBytes of one text (in UTF-8) or one {@link Bytes}
 * @param elements of all lists and maps of one message together
 * @param depth of nesting, counting the envelope as 1
 */
public record Limits(int bytes, int textBytes, int elements, int depth) {
  /** Of the cluster: above what any message of a correct node is. */
  public static final Limits DEFAULT = new Limits(16 << 20, 8 << 20, 200_000, 16);

  void checkBytes(long length) {
    if (length > bytes) {
      throw MalformedMessage.tooLarge("size", length, bytes);
    }
  }

  void checkTextBytes(long length) {
    if (length > textBytes) {
      throw MalformedMessage.tooLarge("length", length, textBytes);
    }
  }

  void checkElements(long count) {
    if (count > elements) {
      throw MalformedMessage.tooLarge("number of elements", count, elements);
    }
  }

  void checkDepth(int level) {
    if (level > depth) {
      throw MalformedMessage.tooLarge("depth", level, depth);
    }
  }
}
