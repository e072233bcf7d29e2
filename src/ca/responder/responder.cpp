#include "ca/responder/responder.hpp"

#include <algorithm>
#include <mutex>

namespace tf::ca {

using pki::ocsp::CertId;
using pki::ocsp::CertStatus;
using pki::ocsp::SingleResponse;

struct Responder::Person {
  std::string authority;
  pki::ocsp::IssuerHashes hashes;
  pki::ocsp::ResponseMaker maker;
  std::int64_t not_before_ms;  // of the delegate, within the authority's own time
  std::int64_t not_after_ms;
};

struct Responder::Table {
  std::vector<Person> people;
  [[nodiscard]] const Person* of(const CertId& id) const {
    const auto found = std::ranges::find_if(people, [&id](const Person& one) { return one.hashes.match(id); });
    return found == people.end() ? nullptr : &*found;
  }
};

namespace {

std::string subject(std::string_view authority, std::string_view serial_hex) {
  std::string out;
  out.reserve(authority.size() + 1 + serial_hex.size());
  return out.append(authority).append("/").append(serial_hex);
}

std::int64_t whole_second(std::int64_t ms) { return ms / 1000 * 1000; }

// Only the plainest form of a request is worth keeping an answer for: who adds to it could make any number of them.
bool is_plain(ByteView der, const pki::ocsp::Request& request) {
  if (request.nonce || request.cert_ids.size() != 1) return false;
  const auto plain = pki::ocsp::encode_request(request.cert_ids, std::nullopt);
  return plain && std::ranges::equal(*plain, der);
}

}  // namespace

Responder::Responder(const StatusSource& source, const Clock& clock, ResponderSettings settings)
    : source_(source), clock_(clock), settings_(settings), answers_(settings.answers_bytes), standings_(settings.standings_bytes),
      table_(std::make_shared<Table>()) {}

Responder::~Responder() = default;

Status Responder::serve(std::vector<Served> authorities) {
  auto made = std::make_shared<Table>();
  const std::int64_t now_ms = clock_.now_ms();
  for (Served& one : authorities) {
    const pki::Certificate& delegate = one.delegate.certificate;
    TF_CHECK(pki::ocsp::check_responder(delegate, one.issuer, now_ms));
    const std::int64_t from = std::max(delegate.not_before_ms(), one.issuer.not_before_ms());
    const std::int64_t until = std::min(delegate.not_after_ms(), one.issuer.not_after_ms());
    pki::ocsp::IssuerHashes hashes(one.issuer);
    made->people.push_back({std::move(one.authority), std::move(hashes), TF_TRY(pki::ocsp::ResponseMaker::make(std::move(one.delegate))),
                            from, until});
  }
  {
    const std::unique_lock lock(mutex_);
    table_ = std::move(made);
  }
  forget_all();  // answers of delegates that may be gone
  return {};
}

std::shared_ptr<const Responder::Table> Responder::table() const {
  const std::shared_lock lock(mutex_);
  return table_;
}

void Responder::forget(std::string_view authority, std::string_view serial_hex) {
  const std::string about = subject(authority, serial_hex);
  standings_.forget(about);  // first: no answer is made of it any more
  answers_.forget(about);
}

void Responder::forget_all() {
  standings_.forget_all();
  answers_.forget_all();
}

Result<Known> Responder::known(const std::string& authority, const std::string& serial_hex) {
  const std::string about = subject(authority, serial_hex);
  if (auto kept = standings_.find(about)) return *kept;
  const auto read_at = standings_.now();
  const Known said = TF_TRY(source_.known(authority, serial_hex));
  // A number that was never given out may be given out any moment, and anybody can ask about any number of them. What is known until
  // some moment will be known better by then.
  const bool lasting = said.announced && said.standing.kind != StandingKind::never_issued && said.until_ms == Known{}.until_ms;
  if (lasting) standings_.put(about, about, said, sizeof(Known), read_at);
  return said;
}

Result<SingleResponse> Responder::single(const Person* signer, CertId id, std::int64_t now_ms, bool& lasting) {
  SingleResponse out{.cert_id = std::move(id), .this_update_ms = now_ms, .next_update_ms = std::min(now_ms + settings_.validity_ms, signer->not_after_ms)};
  if (!signer->hashes.match(out.cert_id)) return out;  // unknown
  const Known said = TF_TRY(known(signer->authority, out.cert_id.serial_hex));
  lasting = lasting && said.announced && said.standing.kind != StandingKind::never_issued;
  out.this_update_ms = std::min(now_ms, said.as_of_ms);
  out.next_update_ms = std::min(out.next_update_ms, said.until_ms);
  if (whole_second(out.next_update_ms) <= now_ms) return Error{Code::unavailable, "ca.standing_old", "what is known about the certificate is out of date"};
  switch (said.standing.kind) {
    case StandingKind::good: out.status = CertStatus::good; break;
    case StandingKind::never_issued: return pki::ocsp::never_issued(std::move(out.cert_id), out.this_update_ms, out.next_update_ms);
    case StandingKind::revoked:
      out.status = CertStatus::revoked;
      out.reason = said.standing.reason;
      out.revoked_at_ms = said.standing.at_ms;
      break;
  }
  return out;
}

Result<Responder::Made> Responder::make(ByteView der, pki::ocsp::Request request) {
  const auto known = table();
  const auto first = std::ranges::find_if(request.cert_ids, [&](const CertId& id) { return known->of(id) != nullptr; });
  if (first == request.cert_ids.end()) return Error{Code::refused, "ca.foreign_issuer", "no certificate of an authority that is served here"};
  const Person* signer = known->of(*first);
  const std::int64_t now_ms = whole_second(clock_.now_ms());
  if (now_ms < signer->not_before_ms || now_ms >= signer->not_after_ms)
    return Error{Code::unavailable, "ca.delegate_expired", "the delegate's certificate is not valid now"};

  const auto read_at = answers_.now();
  Answer out;
  out.successful = true;
  out.made_ahead = !request.nonce;
  out.this_update_ms = now_ms;
  out.next_update_ms = now_ms + settings_.validity_ms;
  bool lasting = is_plain(der, request);
  pki::ocsp::ResponseData data{.responses = {}, .produced_at_ms = now_ms, .nonce = std::move(request.nonce)};
  for (CertId& id : request.cert_ids) {
    SingleResponse one = TF_TRY(single(signer, std::move(id), now_ms, lasting));
    out.this_update_ms = std::min(out.this_update_ms, one.this_update_ms);
    out.next_update_ms = std::min(out.next_update_ms, whole_second(one.next_update_ms));
    data.responses.push_back(std::move(one));
  }
  out.renewed_at_ms = out.next_update_ms - std::min(settings_.renew_ms, (out.next_update_ms - now_ms) / 2);
  out.der = TF_TRY(signer->maker.response(data));
  if (out.made_ahead) tell_proxies(out);
  const std::size_t bytes = out.der.size() + sizeof out + 256;
  auto made = std::make_shared<const Answer>(std::move(out));
  if (lasting) answers_.put(as_text(der), subject(signer->authority, data.responses[0].cert_id.serial_hex), made, bytes, read_at);
  return made;
}

std::shared_ptr<const Responder::Answer> Responder::answer(ByteView der) {
  if (auto kept = answers_.find(as_text(der)); kept && clock_.now_ms() < (*kept)->renewed_at_ms) return *kept;
  auto request = pki::ocsp::decode_request(der);
  auto made = request ? make(der, std::move(*request)) : Result<Made>(request.error());
  if (made) return *made;
  auto error = std::make_shared<Answer>();
  error->der = pki::ocsp::error_response(made.error());
  return error;
}

}  // namespace tf::ca
