// A profile of an authority made ready for many certificates. A sample is built and linted whole (leaf.hpp); what every one of its kind
// has in common with it is kept as it was encoded. A certificate then adds what is its own, and just that is linted: serial number,
// validity, subject, key and its identifier, the shard of its revocation list. The octets are those of build_leaf().
//
// Certificates of another kind than the sample (RSA keys, alternative names, subjects that are not plain ASCII of the usual
// attributes) are built and linted whole, each.
#pragma once
#include <optional>

#include "pki/leaf/leaf.hpp"

namespace tf::pki {

class LeafForm {
 public:
  // Where no sample can be made now, everything is built whole.
  static LeafForm make(Profile profile, Certificate issuer, RevocationPlaces places, std::int64_t now_ms);

  // As build_leaf(). Many threads may use it at once.
  [[nodiscard]] Result<UnsignedLeaf> build(const Names& names, const crypto::PublicKey& key, std::int64_t now_ms, int days, Random& random) const;
  [[nodiscard]] bool is_prepared() const { return parts_.has_value(); }

 private:
  // A TBSCertificate but for its own values, in DER.
  struct Parts {
    crypto::KeyKind issuer_kind;
    Bytes version;
    Bytes algorithm_and_issuer;
    Bytes before_key_id, before_list, after_list;  // extensions
  };
  LeafForm(Profile profile, Certificate issuer, RevocationPlaces places)
      : profile_(std::move(profile)), issuer_(std::move(issuer)), places_(std::move(places)) {}
  [[nodiscard]] LeafPlan plan(const Names& names, const crypto::PublicKey& key, std::int64_t now_ms, int days) const;
  [[nodiscard]] std::optional<Parts> prepared(std::int64_t now_ms) const;
  [[nodiscard]] Result<UnsignedLeaf> compose(const Parts& parts, const LeafPlan& plan, Random& random) const;

  Profile profile_;
  Certificate issuer_;
  RevocationPlaces places_;
  std::optional<Parts> parts_;
};

}  // namespace tf::pki
