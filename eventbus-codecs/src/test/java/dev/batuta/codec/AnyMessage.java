package dev.batuta.codec;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any message of every type, made from the schema alone: a new record is covered as it is. */
final class AnyMessage {
  private AnyMessage() {}

  /** Any envelope with a message of this record. */
  static Arbitrary<Envelope> envelope(Shape message) {
    return Combinators.combine(
            Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(12),
            Arbitraries.longs().between(1, Envelope.MAX_CLOCK),
            of(message))
        .as((sender, clock, body) -> new Envelope(sender, clock, (Message) body));
  }

  /** Any envelope, with each of the records as often. */
  static Arbitrary<Envelope> envelope() {
    return Arbitraries.of(Schema.ENVELOPE.union(Message.class).byName().values())
        .flatMap(AnyMessage::envelope);
  }

  private static Arbitrary<Object> of(Shape shape) {
    List<Arbitrary<Object>> values = new ArrayList<>();
    for (Component component : shape.components()) {
      Arbitrary<Object> value = of(component.kind());
      values.add(component.nullable() ? value.injectNull(0.3) : value);
    }
    return values.isEmpty()
        ? Arbitraries.create(() -> shape.construct(new Object[0]))
        : Combinators.combine(values).as(list -> shape.construct(list.toArray()));
  }

  private static Arbitrary<Object> of(Kind kind) {
    return switch (kind) {
      case Kind.Int _ -> Arbitraries.integers().asGeneric();
      case Kind.Whole _ -> Arbitraries.longs().asGeneric();
      case Kind.Real _ -> Arbitraries.doubles().asGeneric();
      case Kind.Truth _ -> Arbitraries.of(true, false).asGeneric();
      case Kind.Text _ -> text().asGeneric();
      case Kind.Binary _ ->
          Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(Bytes::copyOf).asGeneric();
      case Kind.Choice choice -> Arbitraries.of(choice.constants()).asGeneric();
      case Kind.Nested nested -> of(nested.shape());
      case Kind.Union union -> Arbitraries.of(union.byName().values()).flatMap(AnyMessage::of);
      case Kind.Many many -> of(many.element()).list().ofMaxSize(20).asGeneric();
    };
  }

  /** Short and long, of every plane, but without halves of characters, which have no UTF-8. */
  private static Arbitrary<String> text() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ascii().ofMaxLength(40),
        Arbitraries.strings().withChars('ã', 'ç', '漢', '\uFFFD', '\0', '"').ofMaxLength(20),
        Arbitraries.of("𝄞 batuta", "x".repeat(255), "é".repeat(128), "y".repeat(70_000)));
  }
}
