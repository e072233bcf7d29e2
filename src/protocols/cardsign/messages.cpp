// What begins a session, and the relay.
#include "protocols/cardsign/messages_parts.hpp"

namespace tf::cardsign {
namespace {

constexpr std::int64_t kMaxStep = 10'000;

}  // namespace

std::string encode(const EnrolRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("code", request.code);
  if (!request.serial.empty()) writer.member("serial", request.serial);
  return writer.end_object().take();
}

Result<EnrolRequest> decode_enrol_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  EnrolRequest out{TF_TRY(parse_code(TF_TRY(object.text("code", 26)))), {}};
  if (object.has("serial")) out.serial = TF_TRY(serial_in(object));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const PayRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("payment", request.payment);
  if (!request.instrument.empty()) writer.member("instrument", request.instrument);
  if (request.suite != Suite::modern) writer.member("suite", name_of(request.suite));
  if (request.container != 0) writer.member("container", std::int64_t{request.container});
  return writer.end_object().take();
}

Result<PayRequest> decode_pay_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  PayRequest out{.payment = TF_TRY(id_in(object, "payment"))};
  if (object.has("instrument")) out.instrument = TF_TRY(parse_instrument(TF_TRY(object.text("instrument", 64))));
  if (object.has("suite")) out.suite = TF_TRY(parse_suite(TF_TRY(object.text("suite", 16))));
  if (object.has("container")) out.container = static_cast<std::uint8_t>(TF_TRY(object.integer("container", 0, 255)));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const UpdateRequest& request) { return JsonWriter().begin_object().member("serial", request.serial).end_object().take(); }

Result<UpdateRequest> decode_update_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  UpdateRequest out{TF_TRY(serial_in(object))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const ProofRequest& request) {
  return JsonWriter().begin_object().member("serial", request.serial).member("proof", base64url(request.proof)).end_object().take();
}

Result<ProofRequest> decode_proof_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  ProofRequest out{TF_TRY(serial_in(object)), TF_TRY(object.base64url("proof", 1, kMaxProof))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const Updated& updated) { return JsonWriter().begin_object().member("updated", updated.count).end_object().take(); }

Result<Updated> decode_updated(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  Updated out{TF_TRY(object.integer("updated", 0, 1000))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const RelayRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("session", request.session).member("step", request.step);
  write_list(writer, "answers", request.answers);
  if (!request.pin_envelope.empty()) writer.member("pin_envelope", base64url(request.pin_envelope));
  if (request.removed) writer.member("removed", true);
  return writer.end_object().take();
}

Result<RelayRequest> decode_relay_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  RelayRequest out{.session = TF_TRY(id_in(object, "session")), .step = TF_TRY(object.integer("step", 1, kMaxStep))};
  out.answers = TF_TRY(list_in(object, "answers", 0, kMaxCommands, 2, kMaxApdu));
  if (object.has("pin_envelope")) out.pin_envelope = TF_TRY(object.base64url("pin_envelope", 1, kMaxPinEnvelope));
  if (object.has("removed")) out.removed = TF_TRY(object.boolean("removed"));
  TF_CHECK(object.finish());
  return out;
}

namespace {

struct NextWriter {
  JsonWriter& writer;

  void operator()(const Commands& commands) const { write_list(writer, "commands", commands.apdus); }
  void operator()(const Display& display) const {
    writer.key("display").begin_object().member("jws", display.jws);
    write_list(writer, "channel", display.channel);
    if (display.tries) writer.member("tries", std::int64_t{*display.tries});
    writer.end_object();
  }
  void operator()(const Done& done) const {
    writer.key("done").begin_object();
    std::visit(*this, done);
    writer.end_object();
  }
  void operator()(const Enrolled& enrolled) const {
    writer.member("serial", enrolled.serial).key("certificates").begin_array();
    for (const StoredCertificate& one : enrolled.certificates)
      writer.begin_object().member("slot", name_of(one.slot)).member("certificate", base64url(one.certificate)).end_object();
    writer.end_array();
  }
  void operator()(const Paid& paid) const { writer.member("result", paid.result); }
  void operator()(const Updated& updated) const { writer.member("updated", updated.count); }
};

Result<Display> display_in(JsonObject& object) {
  Display out{TF_TRY(object.text("jws", kMaxJose)), TF_TRY(chain_in(object, "channel")), {}};
  if (object.has("tries")) out.tries = static_cast<int>(TF_TRY(object.integer("tries", 0, 15)));
  TF_CHECK(object.finish());
  return out;
}

Result<Done> done_in(JsonObject& object) {
  Done out;
  if (object.has("result")) {
    out = Paid{TF_TRY(object.text("result", kMaxJose))};
  } else if (object.has("updated")) {
    out = Updated{TF_TRY(object.integer("updated", 0, 1000))};
  } else {
    Enrolled enrolled{TF_TRY(serial_in(object)), {}};
    for (JsonObject& one : TF_TRY(object.objects("certificates", std::size(kSlots)))) {
      enrolled.certificates.push_back({TF_TRY(parse_slot(TF_TRY(one.text("slot", 16)))), TF_TRY(one.base64url("certificate", 1, kMaxCertificate))});
      TF_CHECK(one.finish());
    }
    out = std::move(enrolled);
  }
  TF_CHECK(object.finish());
  return out;
}

}  // namespace

std::string encode(const SessionReply& reply) {
  JsonWriter writer;
  writer.begin_object().member("session", reply.session).member("step", reply.step);
  std::visit(NextWriter{writer}, reply.next);
  return writer.end_object().take();
}

Result<SessionReply> decode_session_reply(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  SessionReply out{TF_TRY(id_in(object, "session")), TF_TRY(object.integer("step", 1, kMaxStep)), {}};
  if (object.has("commands")) {
    out.next = Commands{TF_TRY(list_in(object, "commands", 1, kMaxCommands, 4, kMaxApdu))};
  } else if (object.has("display")) {
    auto display = TF_TRY(object.object("display"));
    out.next = TF_TRY(display_in(display));
  } else {
    auto done = TF_TRY(object.object("done"));
    out.next = TF_TRY(done_in(done));
  }
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::cardsign
