package dev.batuta.codec;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable sequence of bytes. */
public final class Bytes {
  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** A copy of an array. */
  public static Bytes copyOf(byte[] array) {
    return new Bytes(array.clone());
  }

  /** An array that nobody will write to any more; it is not copied. */
  public static Bytes owning(byte[] array) {
    return new Bytes(array);
  }

  public int length() {
    return array.length;
  }

  /** A copy. */
  public byte[] toArray() {
    return array.clone();
  }

  /** The bytes themselves, for those who only read them. */
  byte[] shared() {
    return array;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  @Override
  public String toString() {
    return array.length <= 32
        ? HexFormat.of().formatHex(array)
        : HexFormat.of().formatHex(array, 0, 32) + ".. (" + array.length + " bytes)";
  }
}
