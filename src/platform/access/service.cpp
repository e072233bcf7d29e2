#include "platform/access/service.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "platform/access/bindings.hpp"
#include "platform/access/keys.hpp"
#include "platform/admin/peers.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kForgetEveryMs = 60'000;

Secret<32> fresh_key(Random& random) {
  Secret<32> out;
  random.fill(out.reveal_mutable());
  return out;
}

}  // namespace

struct AccessService::Message {
  std::string route;
  wire::HttpRequest request;
  Reply reply;
  std::string did{};  // as soon as it is known
  int attempt = 0;
};

AccessService::AccessService(Context& context, audit::RefusalSampler& sampler, AccessSettings settings, std::string ticket_key)
    : context_(context), refusals_(context.database, context.trail, context.clock, sampler), settings_(std::move(settings)), challenges_(fresh_key(context.random), context.random),
      ports_{.clock = context.clock, .random = context.random, .vault = context.vault, .challenges = challenges_,
             .platform_key = [&context](std::string_view kid) { return access_platform_key(context.vault, kid); },
             .verify_device = [&context](const std::vector<Bytes>& chain, const std::string& did) -> Result<crypto::PublicKey> {
               return context.certificates.verify_device(chain, TF_TRY(wire::Dsn::parse(did)), context.clock.now_ms());
             },
             .ticket_key = std::move(ticket_key), .issuer = settings_.issuer},
      initialised_(context.metrics.counter("trustferry_access_initialisations_total", "DKeys bound")),
      authenticated_(context.metrics.counter("trustferry_access_authentications_total", "Tickets given")),
      refused_(context.metrics.counter("trustferry_access_refusals_total", "Messages refused")),
      alarms_(context.metrics.counter("trustferry_access_alarms_total", "Bindings that did not fit")) {}

Result<std::unique_ptr<AccessService>> AccessService::make(Context& context, audit::RefusalSampler& sampler, AccessSettings settings) {
  TF_CHECK(ensure_access_keys(context.vault));
  std::string ticket_key = TF_TRY(newest_ticket_key(context.vault));
  return std::unique_ptr<AccessService>(new AccessService(context, sampler, std::move(settings), std::move(ticket_key)));
}

AccessService::~AccessService() { refusals_.drain(); }

std::optional<Result<std::string>> AccessService::published(const wire::HttpRequest& request) const {
  if (request.method != "GET") return std::nullopt;
  if (request.path == "/access/v1/keys") return access_key_set(context_.vault);
  if (request.path == "/access/v1/jwks") return ticket_key_set(context_.vault);
  return std::nullopt;
}

std::optional<Secret<32>> AccessService::channel_psk(const std::string& key_id) const {
  const auto key = living_access_key(context_, key_id);
  if (!key) return std::nullopt;
  const auto spec = access::dkey_spec(key->suite);
  const auto row = access::dkey_row(key->key_id);
  auto psk = context_.vault.hkdf_sha256(vault::WrappedRef{key->wrapped, spec, row}, as_bytes(key->key_id), access::label::channel, {});
  if (!psk) {
    log::error("the PSK of a data channel: " + describe(psk.error()));
    return std::nullopt;
  }
  return std::move(*psk);
}

Result<std::string> AccessService::whoami(const std::string& key_id) const {
  const auto key = TF_TRY(living_access_key(context_, key_id));
  return wire::JsonWriter().begin_object().member("key_id", key.key_id).member("service", key.service).member("did", key.did)
      .member("msisdn", key.msisdn).member("key_time", key.ends_ms).end_object().take();
}

void AccessService::handle(const std::string& route, const wire::HttpRequest& request, Reply reply) {
  auto message = std::make_unique<Message>(Message{.route = route, .request = request, .reply = std::move(reply)});
  if (route == "challenge") {
    const auto purpose = access::decode_challenge_request(request.body);
    if (!purpose) return refuse(*message, purpose.error());
    return message->reply(encode(challenges_.issue(*purpose, context_.clock.now_ms())));
  }
  auto done = step(*message);
  if (!done) return refuse(*message, done.error());
  commit(std::move(message), std::move(*done));
}

Result<access::PlatformStep> AccessService::step(Message& message) {
  ++message.attempt;
  return message.route == "initialise" ? initialise(message) : authenticate(message);
}

Result<access::ServicePolicy> AccessService::policy_of(const std::string& service) const {
  const auto found = settings_.services.find(service);
  if (found == settings_.services.end()) return Error{Code::refused, "access.unknown_service", "no service " + log::quoted(service)};
  return found->second;
}

// One header, once, from a gateway; nothing where there is none.
Result<std::string> AccessService::number_of(store::Session& session, const wire::HttpRequest& request) const {
  const auto peer = TF_TRY(find_peer(session, request.client_certificate));
  const bool gateway = peer && peer->kind == PeerKind::gateway;
  if (request.headers.empty()) return std::string();
  if (!gateway) return Error{Code::refused, "access.number_from_stranger", "a number header from who is no gateway in service"};
  if (request.headers.size() > 1) return Error{Code::refused, "access.number_twice", "more than one number header"};
  const auto number = access::parse_msisdn(request.headers.front().second);
  if (!number) return Error{Code::refused, "access.number_form", "the gateway's number is no number"};
  return *number;
}

Result<access::PlatformStep> AccessService::initialise(Message& message) {
  const access::Opened opened = TF_TRY(access::open_initialise(message.request.body, ports_));
  const std::string& did = message.did = opened.content.did;
  const std::int64_t now = context_.clock.now_ms();
  access::InitialiseSnapshot snapshot;
  snapshot.policy = TF_TRY(policy_of(opened.service));
  std::string number;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    number = TF_TRY(number_of(session, message.request));
    snapshot.by_did = TF_TRY(load_access_key_by_did(session, opened.service, did));
    if (const std::string& word = opened.content.consent.key_id; snapshot.by_did && !word.empty() && word != snapshot.by_did->key_id)
      snapshot.before = TF_TRY(load_superseded_key(session, word));
    snapshot.by_number = TF_TRY(load_access_key_by_number(session, opened.service, number));
    snapshot.approval = TF_TRY(load_access_approval(session, opened.service, did, number));
    snapshot.denied = TF_TRY(is_denied(session, did));
    if (opened.content.code.empty()) return {};
    snapshot.code = TF_TRY(load_access_code(session, access::code_hash(opened.service, did, opened.content.code)));
    snapshot.code_locked = TF_TRY(load_code_tries(session, did)).locked_until_ms > now;
    return {};
  }));
  return access::initialise(opened, number, snapshot, ports_);
}

namespace {

// modern names its key; classic is known by the number it claims, or by its Did where there are none.
Result<std::optional<access::KeyRecord>> key_asked_for(store::Session& session, const access::AuthenticateRequest& request, const access::ServicePolicy& policy) {
  if (request.suite == access::Suite::modern) return load_access_key(session, request.key_id);
  if (policy.gateway) return load_access_key_by_number(session, request.service, request.claim.msisdn);
  return load_access_key_by_did(session, request.service, request.claim.did);
}

}  // namespace

Result<access::PlatformStep> AccessService::authenticate(Message& message) {
  const auto request = TF_TRY(access::decode_authenticate_request(message.request.body));
  access::AuthenticateSnapshot snapshot{.policy = TF_TRY(policy_of(request.service)), .key = {}};
  std::string number;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    number = TF_TRY(number_of(session, message.request));
    snapshot.key = TF_TRY(key_asked_for(session, request, snapshot.policy));
    if (snapshot.key) snapshot.denied = TF_TRY(is_denied(session, snapshot.key->did));
    return {};
  }));
  if (snapshot.key) message.did = snapshot.key->did;
  return access::authenticate(request, number, snapshot, ports_);
}

void AccessService::commit(Pending message, access::PlatformStep step) {
  const std::int64_t now = context_.clock.now_ms();
  forget_now_and_then(now);
  const auto held = std::make_shared<access::PlatformStep>(std::move(step));
  context_.database.write_async(
      [this, held, now, alarm_id = wire::hex_lower(context_.random.array<8>())](store::Session& session) -> Status {
        const access::Writes& writes = held->writes;
        TF_CHECK(perform(session, writes, alarm_id, now));
        return context_.trail.append(session, {.at_ms = now, .actor = "terminal:" + writes.subject, .action = writes.action, .subject = writes.subject,
                                               .outcome = held->refusal ? audit::Outcome::refused : audit::Outcome::accepted,
                                               .reason = held->refusal ? held->refusal->reason : "", .detail = writes.detail});
      },
      [this, held, message = std::move(message)](Status committed) mutable {
        if (!committed && committed.error().code == Code::conflict && message->attempt < 3) {
          auto again = this->step(*message);
          if (again) return commit(std::move(message), std::move(*again));
          return refuse(*message, again.error());
        }
        if (!committed) return refuse(*message, committed.error());
        if (held->writes.alarm) alarms_.add();
        if (held->refusal) {
          refused_.add();
          return message->reply(*held->refusal);  // in the audit trail already
        }
        (held->writes.new_key ? initialised_ : authenticated_).add();
        message->reply(std::move(held->reply));
      });
}

// A wrong code is also counted against its Did, always.
void AccessService::refuse(Message& message, const Error& error) {
  refused_.add();
  store::WriteFn counted;
  if (std::string_view(error.reason) == "access.wrong_code") {
    counted = [did = message.did, now = context_.clock.now_ms(), id = wire::hex_lower(context_.random.array<8>())](store::Session& session) -> Status {
      if (!TF_TRY(count_wrong_code(session, did, now))) return {};
      return insert_alarm(session, id, {access::AlarmKind::wrong_code, "", did, ""}, now);
    };
  }
  refusals_.record({"access." + message.route, message.did, error}, std::move(counted));
  message.reply(error);
}

void AccessService::forget_now_and_then(std::int64_t now_ms) {
  std::int64_t last = forgotten_ms_.load();
  if (now_ms - last < kForgetEveryMs || !forgotten_ms_.compare_exchange_strong(last, now_ms)) return;
  context_.database.write_async([now_ms](store::Session& session) { return forget_used(session, now_ms); }, [](const Status&) {});
}

}  // namespace tf::platform
