package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Admins make users, outside the demonstration too. */
class PasswordsTest extends GatewayCalls {
  @Test
  void outsideTheDemonstrationWhoHasTheTokenOfUpMakesTheFirstAdminWhoMakesTheOthers() {
    int port = gateway.open(gateway.server.behind("production"), 1 << 20, 0);
    Reply first = gateway.call(port, "POST", "/api/v1/logins", admin, login("ana", "admin"));
    assertThat(first.json())
        .isEqualTo(new JsonObject().put("user", "ana").put("roles", new JsonArray().add("admin")));
    String ana = token(port, "ana");

    Reply other = gateway.call(port, "POST", "/api/v1/logins", ana, login("ben", "user"));
    assertThat(other.status()).isEqualTo(200);
    String ben = token(port, "ben");

    assertThat(gateway.call(port, "GET", "/api/v1/cluster", ben, null).status()).isEqualTo(200);
    Reply refused = gateway.call(port, "POST", "/api/v1/logins", ben, login("eve", "admin"));
    assertThat(refused.status()).isEqualTo(403);
  }

  private static String login(String user, String role) {
    return new JsonObject(credentials(user)).put("roles", new JsonArray().add(role)).encode();
  }

  private static String credentials(String user) {
    return new JsonObject().put("user", user).put("password", "secret of " + user).encode();
  }

  private String token(int port, String user) {
    return gateway.call(port, "POST", "/api/v1/login", null, credentials(user)).text("token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'user':'x y ','password':'her secret'} | has blanks around it",
        "{'user':'','password':'her secret'} | user is",
        "{'user':'dora','password':'s3cre7'} | password is ***; ",
        "{'user':'dora','password':7777777777} | password is ***; it must be of type string",
        "{'user':'dora'} | password is missing",
        "{'user':'dora','password':'her secret','roles':[]} | roles is []",
        "{'user':'dora','password':'her secret','roles':['root']} | roles.0 is \"root\"; use one of",
      })
  void whatNoUserHasIsRefusedAndNoPasswordIsRepeated(String body, String sentence) {
    Reply refused = post("logins", admin, body.replace('\'', '"'));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("detail"))
        .contains(sentence)
        .doesNotContain("s3cre7", "7777777777", "her secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"login", "logins"})
  void noPasswordIsRepeatedHoweverItIsWrongAndWhereverItStands(String path) {
    List<String> bodies =
        List.of(
            "{'user':'dora','password':['s3cre7']}",
            "{'user':'dora','password':{'password':'s3cre7'}}",
            "{'user':'dora','password':'s3cre7" + "x".repeat(251) + "'}",
            "{'user':'dora','password':s3cre7}",
            "{'user':'dora','password':'\\s3cre7'}",
            "{'user':'dora','password':'s3cre7\\ud800'}",
            "{'user':'dora','Password':'s3cre7'}",
            "{'user':'dora','password':'long enough','passwd':'s3cre7'}",
            "{'user':{'name':'dora','password':'s3cre7'}}",
            "{'user':[{'password':'s3cre7'}],'password':'long enough'}",
            "['s3cre7']",
            "s3cre7");
    for (String body : bodies) {
      Reply refused = post(path, admin, body.replace('\'', '"'));

      assertThat(refused.status()).as(body).isEqualTo(400);
      assertThat(refused.text("detail")).as(body).isNotEmpty().doesNotContain("s3cre7");
    }
  }
}
