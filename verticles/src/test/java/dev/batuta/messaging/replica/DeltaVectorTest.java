package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The texts of positions, which clients keep longer than a release lasts. */
class DeltaVectorTest {
  private static final Origin ONE = new Origin("server-1", 5);

  /** As they were before there were folds, and are where there is none. */
  private static final String IN_FULL = "kahzZXJ2ZXItMQUH";

  private static final String BEYOND_A_FOLD = "wJGoc2VydmVyLTL_CZGoc2VydmVyLTEFBw";

  @Test
  void aTokenWithoutFoldsIsAsItWasBefore() {
    assertThat(new DeltaVector(List.of(), Map.of(ONE, 7L)).token()).isEqualTo(IN_FULL);
    assertThat(DeltaVector.ofToken(IN_FULL)).contains(new DeltaVector(List.of(), Map.of(ONE, 7L)));
  }

  @Test
  void aTokenBeyondAFoldNamesIt() {
    var fold = new OpId(new Origin("server-2", -1), 9);
    var beyond = new DeltaVector(List.of(fold), Map.of(ONE, 7L));
    assertThat(beyond.token()).isEqualTo(BEYOND_A_FOLD);
    assertThat(DeltaVector.ofToken(BEYOND_A_FOLD)).contains(beyond);
    assertThat(Base64.getUrlDecoder().decode(BEYOND_A_FOLD)[0])
        .as("no array: the version before says that it is none of its own")
        .isEqualTo((byte) 0xc0);
  }

  /** As many origins as there are beyond folds, and twice the folds that there are as a rule. */
  @Test
  void theTokenOfSevenServersIsShorterThanAKilobyte() {
    var random = new Random(1);
    List<OpId> base = new ArrayList<>();
    Map<Origin, Long> beyond = new HashMap<>();
    for (int i = 0; i < 7 + Folding.ENOUGH; i++) {
      beyond.put(new Origin("batuta-server-" + i % 7, random.nextLong()), 1_000_000L + i);
    }
    for (int i = 0; i < 2; i++) {
      base.add(new OpId(new Origin("batuta-server-" + i, random.nextLong()), 1_000_000));
    }
    assertThat(new DeltaVector(base, beyond).token()).hasSizeLessThan(1_024);
  }

  @Test
  void whatIsNoTokenIsNothing() {
    for (String text :
        List.of("", "nonsense", "wA", "kQ", IN_FULL + "AA", BEYOND_A_FOLD.substring(0, 30), "!")) {
      assertThat(DeltaVector.ofToken(text)).as(text).isEmpty();
    }
    byte[] tooMany = {(byte) 0xdd, 0x7f, -1, -1, -1};
    assertThat(DeltaVector.ofToken(Base64.getUrlEncoder().encodeToString(tooMany))).isEmpty();
  }

  @Test
  void aFoldIsReadFromItsBytesAndOneThatCannotBeReadIsUnknown() {
    var fold =
        new Content.Fold(List.of(new OpId(ONE, 3)), List.of(new OpId(ONE, 7)), 42, 1_750_000);
    byte[] bytes = Content.encode(fold).toArray();
    assertThat(Content.decode(bytes)).isEqualTo(fold);
    bytes[bytes.length - 1] = (byte) 0xc1;
    assertThat(Content.decode(bytes)).isEqualTo(new Content.Unknown(42, 1_750_000));
  }
}
