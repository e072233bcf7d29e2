#include "dm/auth.hpp"

#include <algorithm>

#include "wire/encoding.hpp"

namespace tf::dm {
namespace {

const Error kMalformed{Code::malformed, "dm.mac_header", ""};

bool plain(char each) { return each >= 0x20 && each < 0x7F && each != '"' && each != '\\'; }

struct MacHeader {
  std::string name, mac;
};

// attribute=value, …; a value is a token or a quoted string without escapes.
struct Reader {
  std::string_view rest;

  void skip_blanks() { rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size())); }
  std::string_view take(std::size_t size) {
    const std::string_view out = rest.substr(0, size);
    rest.remove_prefix(out.size());
    return out;
  }
  Result<std::string_view> value() {
    if (!rest.starts_with('"')) return take(std::min(rest.find_first_of(", \t"), rest.size()));
    const std::size_t end = rest.find('"', 1);
    if (end == std::string_view::npos) return kMalformed;
    return take(end + 1).substr(1, end - 1);
  }
};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

Status keep(std::string& to, std::string_view value) {
  if (!to.empty() || value.empty() || !std::ranges::all_of(value, plain)) return kMalformed;
  to = value;
  return {};
}

Result<MacHeader> read(std::string_view header) {
  if (header.size() > 512) return kMalformed;
  MacHeader out;
  std::string algorithm;
  for (Reader in{header}; !in.rest.empty();) {
    in.skip_blanks();
    const std::size_t sign = in.rest.find('=');
    if (sign == std::string_view::npos) return kMalformed;
    const std::string_view name = in.take(sign);
    in.take(1);
    const std::string_view value = TF_TRY(in.value());
    if (same_word(name, "algorithm")) TF_CHECK(keep(algorithm, value));
    else if (same_word(name, "username")) TF_CHECK(keep(out.name, value));
    else if (same_word(name, "mac")) TF_CHECK(keep(out.mac, value));
    else return kMalformed;
    in.skip_blanks();
    if (!in.rest.empty() && (in.take(1) != "," || in.rest.empty())) return kMalformed;
  }
  if (out.name.empty() || out.mac.empty() || (!algorithm.empty() && !same_word(algorithm, "MD5"))) return kMalformed;
  return out;
}

std::string_view without_padding(std::string_view text) { return text.substr(0, text.find_last_not_of('=') + 1); }

}  // namespace

Result<Credential> make_credential(std::string name, const SecretBytes& password) {
  if (name.empty() || name.size() > 255 || !std::ranges::all_of(name, plain)) return Error{Code::invalid, "dm.name", name};
  crypto::Md5Digest key = crypto::md5({as_bytes(name), as_bytes(":"), password.reveal()});
  Credential out{std::move(name), Secret<16>(key)};
  wipe(key.data(), key.size());
  return out;
}

Bytes new_nonce(Random& random) {
  Bytes out(kNonceSize);
  random.fill(out);
  return out;
}

crypto::Md5Digest digest_of(const Credential& credential, ByteView nonce, ByteView data) {
  std::string key = wire::base64(credential.key.reveal());
  const std::string inner = wire::base64(crypto::md5({data}));
  const crypto::Md5Digest out = crypto::md5({as_bytes(key), as_bytes(":"), nonce, as_bytes(":"), as_bytes(inner)});
  wipe(key.data(), key.size());
  return out;
}

std::string mac_header(const Credential& credential, ByteView nonce, std::string_view body) {
  if (nonce.empty()) return {};
  return "algorithm=MD5, username=\"" + credential.name + "\", mac=" + wire::base64(digest_of(credential, nonce, as_bytes(body)));
}

Proof prove(const Envelope& envelope, const Credential& credential, ByteView nonce) {
  if (envelope.mac.empty()) return Proof::missing;
  const auto header = read(envelope.mac);
  if (!header || nonce.empty() || header->name != credential.name) return Proof::wrong;
  const std::string right = wire::base64(digest_of(credential, nonce, as_bytes(envelope.body)));
  const bool good = equal_in_constant_time(as_bytes(without_padding(header->mac)), as_bytes(without_padding(right)));
  return good ? Proof::good : Proof::wrong;
}

Result<std::string> claimed_name(std::string_view header) { return TF_TRY(read(header)).name; }

}  // namespace tf::dm
