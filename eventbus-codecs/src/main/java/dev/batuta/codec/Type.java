package dev.batuta.codec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The small number that stands for a record on the wire. It is never reused and never changed; the
 * components of the record are only ever appended.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Type {
  /** From 0 to 127, so that it is one byte of MessagePack. */
  int value();
}
