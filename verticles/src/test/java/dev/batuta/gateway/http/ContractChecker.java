package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Response;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Fails on an answer that {@code openapi.yaml} does not describe, and remembers what it saw. */
final class ContractChecker {
  private static final String STREAM =
      Contract.STAND_INS.getOrDefault("text/event-stream", "missing");

  private final Contract contract;
  private final ResponseValidator validator;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  ContractChecker(Vertx vertx) {
    this.contract = await(Contract.load(vertx));
    this.validator = ResponseValidator.create(vertx, contract.openApi());
  }

  Contract contract() {
    return contract;
  }

  /** Status, content type, headers and body of the answer of an operation. */
  void check(String operation, Reply reply) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    reply.headers().map().forEach((name, values) -> headers.put(name, values.getFirst()));
    String contentType = Contract.STAND_INS.getOrDefault(reply.contentType(), reply.contentType());
    if (reply.contentType().equals("text/event-stream")) {
      // The library cannot validate a text; that it is described is what counts.
      Response described = contract.openApi().operation(operation).getResponse(reply.status());
      assertThat(described.getContent()).containsKey(STREAM);
      seen.add(operation);
      return;
    }
    try {
      await(
          validator.validate(
              ValidatableResponse.create(
                  reply.status(), headers, Buffer.buffer(reply.body()), contentType),
              operation));
    } catch (RuntimeException undescribed) {
      throw new AssertionError(
          operation
              + " answered what openapi.yaml does not describe: "
              + reply.status()
              + " "
              + reply.contentType()
              + " "
              + reply.body()
              + ": "
              + undescribed.getMessage(),
          undescribed);
    }
    if (reply.status() < 300) {
      seen.add(operation);
    }
  }

  /** Operations of the file that never answered with success here. */
  Set<String> unseen() {
    return contract.openApi().operations().stream()
        .map(Operation::getOperationId)
        .filter(operation -> !seen.contains(operation))
        .collect(Collectors.toSet());
  }
}
