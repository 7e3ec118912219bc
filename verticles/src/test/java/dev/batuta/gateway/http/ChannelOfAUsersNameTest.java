package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A channel takes the name of somebody who logs in and has published nothing yet. */
class ChannelOfAUsersNameTest extends GatewayCalls {
  @Test
  void itKeepsNobodyFromPublishing() {
    String carol = gateway.token("carol", "pwd3");
    assertThat(post("channels", admin, "{\"name\":\"Carol\"}").status()).isEqualTo(201);
    Reply said = post("channels/carol/messages", carol, "{\"text\":\"hello\"}");
    assertThat(said.status()).as(said.body()).isEqualTo(201);
    assertThat(said.text("user")).isEqualTo("carol~2");
    assertThat(said.text("channel")).isEqualTo("Carol");
    Reply named = post("channels/carol/messages", carol, "{\"text\":\"2\",\"user\":\"carol\"}");
    assertThat(named.text("user")).as(named.body()).isEqualTo("carol~2");
    Reply own = post("messages", carol, "{\"to\":\"carol\",\"text\":\"psst\"}");
    assertThat(own.status()).as(own.body()).isEqualTo(201);
    assertThat(post("users", admin, "{\"name\":\"carol\"}").status()).isEqualTo(409);
  }
}
