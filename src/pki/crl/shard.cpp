#include "pki/crl/shard.hpp"

#include "crypto/digest.hpp"
#include "pki/asn1.hpp"
#include "pki/extensions.hpp"

namespace tf::pki {
namespace {

constexpr std::string_view kPlace = "{shard}";

// Without reasons or another issuer: a list for all there is (RFC 5280 §4.2.1.13).
bool names(const DIST_POINT* point, std::string_view url) {
  if (point->distpoint == nullptr || point->distpoint->type != 0 || point->reasons != nullptr || point->CRLissuer != nullptr)
    return false;
  const GENERAL_NAMES* full = point->distpoint->name.fullname;
  for (int i = 0; i < sk_GENERAL_NAME_num(full); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(full, i);
    if (name->type == GEN_URI && as_text(octets_of(name->d.uniformResourceIdentifier)) == url) return true;
  }
  return false;
}

}  // namespace

std::uint32_t shard_of(std::string_view serial_hex, std::uint32_t shards) {
  const Hash256 hash = crypto::sha256(as_bytes(serial_hex));  // spreads numbers that are not random, too
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | hash[i];
  return static_cast<std::uint32_t>(number % shards);
}

Result<std::string> shard_url(std::string_view pattern, std::uint32_t shard) {
  const std::size_t at = pattern.find(kPlace);
  std::string url(pattern);
  if (at != std::string_view::npos) url.replace(at, kPlace.size(), std::to_string(shard));
  if (at == std::string_view::npos || url.find(kPlace) != std::string::npos || !is_http_url(url))
    return Error{Code::invalid, "pki.url", "\"" + std::string(pattern) + "\" is not an http URL with one {shard}"};
  return url;
}

Result<Shard> shard_for(std::string_view serial_hex, std::string_view pattern, std::uint32_t shards) {
  if (shards < 1) return Error{Code::invalid, "pki.shard", "there is at least one shard"};
  const std::uint32_t index = shard_of(serial_hex, shards);
  return Shard{index, shards, TF_TRY(shard_url(pattern, index))};
}

Result<CrlShard> CrlShard::from_der(ByteView der) { return CrlShard(TF_TRY(Crl::read(der, true))); }

bool CrlShard::covers(const Certificate& certificate) const {
  if (list_.issuer_text() != certificate.issuer_text()) return false;
  const crypto::Handle<CRL_DIST_POINTS, CRL_DIST_POINTS_free> points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.native(), NID_crl_distribution_points, nullptr, nullptr)));
  ERR_clear_error();
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i)
    if (names(sk_DIST_POINT_value(points.get(), i), url())) return true;
  return false;
}

Result<bool> CrlShard::is_revoked(const Certificate& certificate) const {
  if (!covers(certificate))
    return Error{Code::refused, "pki.crl_wrong_shard", "the certificate is not of this shard of the revocation list"};
  return list_.is_revoked(certificate);
}

}  // namespace tf::pki
