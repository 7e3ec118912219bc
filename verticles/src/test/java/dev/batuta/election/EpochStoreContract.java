package dev.batuta.election;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.election.EpochStore.Claim;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link EpochStore} must do. */
abstract class EpochStoreContract {
  private static final long A = 0x1111;
  private static final long B = -2;
  private final List<EpochStore> opened = new ArrayList<>();

  /** A store as another process has it. */
  abstract EpochStore another();

  /** Makes the present lease last, so that a slow machine does not end it. */
  abstract void lengthenLease();

  private EpochStore store() {
    EpochStore store = another();
    opened.add(store);
    return store;
  }

  @AfterEach
  void releaseAndClose() {
    EpochStore last = store();
    var row = await(last.read());
    await(last.release(row.epoch(), row.incarnation()));
    opened.forEach(each -> await(each.close()));
  }

  private static long won(Claim claim) {
    assertThat(claim).isInstanceOf(Claim.Won.class);
    return ((Claim.Won) claim).epoch();
  }

  @Test
  void aLivingHolderKeepsTheBatonAndItsEpochStays() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    assertThat(await(a.renew(epoch, A))).isTrue();
    lengthenLease();
    Claim refused = await(store().claim("b", B, 0));
    assertThat(refused)
        .isInstanceOfSatisfying(
            Claim.Refused.class,
            claim -> {
              assertThat(claim.epoch()).isEqualTo(epoch);
              assertThat(claim.holder()).isEqualTo("a");
            });
  }

  @Test
  void afterAClaimWithoutAnAnswerTheNextOneTellsWhatItWon() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    lengthenLease();
    assertThat(await(a.read()).sinceRenewal()).isNegative();
    assertThat(won(await(a.claim("a", A, epoch - 1)))).isEqualTo(epoch);
    assertThat(await(a.read()).sinceRenewal().isNegative()).isFalse();
  }

  @Test
  void oneThatHasLedUnderAnEpochAndClaimsAgainGetsALaterOne() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    assertThat(won(await(a.claim("a", A, epoch)))).isEqualTo(epoch + 1);
  }

  @Test
  void whatIsWonIsLaterThanWhatTheClaimantKnowsAlsoIfTheRowIsOlder() {
    assertThat(won(await(store().claim("a", A, 1_000_000)))).isEqualTo(1_000_001);
  }

  @Test
  void aReleasedBatonIsTakenAtOnceUnderAGreaterEpoch() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    assertThat(await(a.release(epoch, A))).isTrue();
    assertThat(await(a.renew(epoch, A))).isFalse();
    long next = won(await(store().claim("b", B, 0)));
    assertThat(next).isGreaterThan(epoch);
    assertThat(await(a.renew(epoch, A))).isFalse();
    assertThat(await(a.release(epoch, A))).isFalse();
  }

  @Test
  void aHolderWhoseConnectionIsClosedIsReplacedBeforeItsLeaseEnds() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    lengthenLease();
    await(a.close());
    EpochStore b = store();
    Awaitility.await().until(() -> await(b.claim("b", B, 0)) instanceof Claim.Won);
    assertThat(await(b.read()).holder()).isEqualTo("b");
    assertThat(await(b.read()).epoch()).isGreaterThan(epoch);
  }

  @Test
  void aHolderThatHangsIsReplacedAfterASecondAndItsRenewalIsRefused() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    EpochStore b = store();
    Awaitility.await().until(() -> await(b.claim("b", B, 0)) instanceof Claim.Won);
    lengthenLease();
    assertThat(await(a.renew(epoch, A))).isFalse();
    assertThat(await(a.claim("a", A, 0))).isInstanceOf(Claim.Refused.class);
  }

  @Test
  void ofManyClaimsAtOnceOneWins() {
    EpochStore a = store();
    long epoch = won(await(a.claim("a", A, 0)));
    lengthenLease();
    List<EpochStore> stores = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      EpochStore connected = store();
      assertThat(await(connected.claim("s" + i, 100 + i, 0))).isInstanceOf(Claim.Refused.class);
      stores.add(connected);
    }
    await(a.release(epoch, A));
    List<Future<Claim>> claims = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      claims.add(stores.get(i - 1).claim("s" + i, 100 + i, 0));
    }
    assertThat(claims.stream().map(each -> await(each)).filter(Claim.Won.class::isInstance))
        .hasSize(1);
    assertThat(await(a.read()).epoch()).isEqualTo(epoch + 1);
  }
}
