/**
 * Any image must run as this user: ids and no name, because an image need not know it. It is the one that the product's own
 * image is made for (`Dockerfile`), whose cache of compiled modules serves no other user.
 */
export const engineUser = { uid: 65_532, gid: 65_532 }
