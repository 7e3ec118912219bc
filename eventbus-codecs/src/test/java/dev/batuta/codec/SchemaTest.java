package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Date;
import org.junit.jupiter.api.Test;

/** Mistakes in messages are found when the schema is made, not when one is sent. */
class SchemaTest {
  record Twice(First first) {}

  @Type(7)
  record First(Second second) {}

  @Type(7)
  record Second(int x) {}

  @Test
  void oneNumberForTwoRecordsIsRefused() {
    assertThatThrownBy(() -> Schema.of(Twice.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("First", "Second", "number 7");
  }

  record Foreign(Date date) {}

  @Test
  void aComponentWithoutAWireFormIsRefused() {
    assertThatThrownBy(() -> Schema.of(Foreign.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("java.util.Date");
  }

  sealed interface Untyped {}

  record Untagged() implements Untyped {}

  record HoldsUntyped(Untyped one) {}

  @Test
  void aRecordOfASealedInterfaceNeedsANumber() {
    assertThatThrownBy(() -> Schema.of(HoldsUntyped.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("needs a @Type number");
  }

  sealed interface Namesakes {}

  interface One {
    @Type(1)
    record Same() implements Namesakes {}
  }

  interface Other {
    @Type(2)
    record Same() implements Namesakes {}
  }

  record HoldsNamesakes(Namesakes one) {}

  @Test
  void twoRecordsOfOneNameAreRefused() {
    assertThatThrownBy(() -> Schema.of(HoldsNamesakes.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("same");
  }

  record HoldsType(String type) {}

  @Test
  void aComponentCannotHaveTheNameOfTheKeyForTheType() {
    assertThatThrownBy(() -> Schema.of(HoldsType.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("type");
  }

  @Test
  void everyRecordThatCanBeSentIsKnown() {
    Schema schema = Schema.ENVELOPE;
    assertThat(schema.union(Message.class).byName()).containsKeys("done", "failure", "heartbeat");
    assertThat(schema.union(TaskMessage.Payload.class).byName()).containsKeys("query", "update");
  }

  @Test
  void theMixOfARunningClusterTakesAtMostSixtyPercentOfJson() throws Exception {
    long[] sizes = CodecBenchmark.sizes();
    assertThat((double) sizes[0] / sizes[1]).isLessThanOrEqualTo(0.6);
  }
}
