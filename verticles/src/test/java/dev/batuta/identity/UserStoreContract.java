package dev.batuta.identity;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.identity.UserStore.StoredUser;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link UserStore} must do. */
abstract class UserStoreContract {
  abstract UserStore store();

  @Test
  void aUserIsKnownByItsPasswordOnly() {
    UserStore store = store();
    await(store.put("dora", "secret é", List.of("user", "admin")));
    assertThat(await(store.authenticate("dora", "secret é")).orElseThrow().roles())
        .containsExactly("user", "admin");
    assertThat(await(store.authenticate("dora", "secret"))).isEmpty();
    assertThat(await(store.authenticate("dora", ""))).isEmpty();
    assertThat(await(store.authenticate("Dora", "secret é"))).isEmpty();
    assertThat(await(store.authenticate("nobody", "secret é"))).isEmpty();
    assertThat(await(store.authenticate("dora ", "secret é"))).isEmpty();
    Future<StoredUser> takenOver = store.put("dora ", "taken over", List.of("admin"));
    assertThatThrownBy(() -> await(takenOver)).hasMessageContaining("has blanks around it");
    assertThat(await(store.find("dora")).orElseThrow().hash())
        .startsWith("$argon2id$")
        .doesNotContain("secret");
    await(store.put("dora", "other", List.of("user")));
    assertThat(await(store.authenticate("dora", "secret é"))).isEmpty();
    assertThat(await(store.authenticate("dora", "other")).orElseThrow().roles())
        .containsExactly("user");
  }

  @Test
  void anotherPasswordKeepsTheRolesUnlessOthersAreGivenAndIsTheNextInNumber() {
    UserStore store = store();
    assertThat(await(store.put("eva", "her first", List.of())))
        .returns(List.of("user"), StoredUser::roles)
        .returns(1, StoredUser::passwordNumber);
    assertThat(await(store.renewed(Duration.ofHours(1)))).doesNotContainKey("eva");
    assertThat(await(store.put("eva", "her second", List.of("admin"))).roles())
        .containsExactly("admin");
    assertThat(await(store.put("eva", "her third", List.of())))
        .returns(List.of("admin"), StoredUser::roles)
        .returns(3, StoredUser::passwordNumber);
    assertThat(await(store.authenticate("eva", "her third")).orElseThrow().passwordNumber())
        .isEqualTo(3);
    assertThat(await(store.renewed(Duration.ofHours(1)))).containsEntry("eva", 3);
    assertThat(await(store.renewed(Duration.ZERO))).isEmpty();
  }

  @Test
  void theFirstSigningKeyIsMadeOnceAndARotationRetiresTheOneBefore() {
    SigningKeys keys = store().keys();
    var first = keys.all();
    var second = store().keys().all();
    assertThat(await(first)).isEqualTo(await(second));
    SigningKey before = await(keys.current());
    assertThat(before.id()).isEqualTo(SigningKey.FIRST);
    assertThat(before.retiredAt()).isEmpty();
    assertThat(before.secret().length()).isEqualTo(32);
    assertThat(before).hasToString("SigningKey[1]");

    List<SigningKey> rotated = await(keys.rotate());
    assertThat(rotated).hasSize(2).isEqualTo(await(store().keys().all()));
    assertThat(rotated.getFirst().secret()).isEqualTo(before.secret());
    assertThat(rotated.getFirst().retiredAt()).contains(rotated.getLast().createdAt());
    assertThat(rotated.getLast().secret()).isNotEqualTo(before.secret());
    assertThat(await(keys.current())).isEqualTo(rotated.getLast());
  }

  @Test
  void demonstrationUsersAreAddedAndNotReset() {
    UserStore store = store();
    await(store.put("bob", "his own", List.of("user")));
    await(store.seedDemo());
    await(store.seedDemo());
    assertThat(await(store.authenticate("alice", "password1")).orElseThrow().roles())
        .containsExactly("user");
    assertThat(await(store.authenticate("carol", "pwd3"))).isPresent();
    assertThat(await(store.authenticate("admin", "admin")).orElseThrow().roles())
        .containsExactly("admin");
    assertThat(await(store.authenticate("bob", "password2"))).isEmpty();
    assertThat(await(store.authenticate("bob", "his own"))).isPresent();
  }
}
