package dev.batuta.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.batuta.gateway.foreign.ForeignPeer;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads {@code peers}: a YAML list of maps, in one line where it is given by the environment or a
 * flag, such as {@code [{name: m2, host: 10.0.0.5, port: 9001, transport: tcp}]}.
 */
final class PeerList {
  private static final String EXPECTED =
      "it takes a list such as [{name: m2, host: 10.0.0.5, port: 9001, transport: tcp}], where"
          + " transport is tcp or ws";

  private static final Set<String> FIELDS = Set.of("name", "host", "port", "transport");

  private PeerList() {}

  static List<ForeignPeer> parse(String text) {
    List<ForeignPeer> peers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode each : tree(text)) {
      ForeignPeer peer = peer(each);
      if (!names.add(peer.name())) {
        throw new IllegalArgumentException("two peers are named " + peer.name());
      }
      peers.add(peer);
    }
    return List.copyOf(peers);
  }

  private static JsonNode tree(String text) {
    try {
      JsonNode tree = new YAMLMapper().readTree(text.isBlank() ? "[]" : text);
      if (tree.isArray()) {
        return tree;
      }
    } catch (IOException malformed) {
      // said below
    }
    throw new IllegalArgumentException(EXPECTED);
  }

  private static ForeignPeer peer(JsonNode map) {
    int port = map.path("port").asInt(0);
    String transport = map.path("transport").asText("tcp").toUpperCase(Locale.ROOT);
    boolean known =
        map.isObject()
            && map.properties().stream().allMatch(field -> FIELDS.contains(field.getKey()));
    if (!known
        || map.path("name").asText().isBlank()
        || map.path("host").asText().isBlank()
        || port < 1
        || port > 65_535
        || !Set.of("TCP", "WS").contains(transport)) {
      throw new IllegalArgumentException(EXPECTED + "; not " + map);
    }
    return new ForeignPeer(
        map.path("name").asText(), map.path("host").asText(), port, Transport.valueOf(transport));
  }
}
